package pitstop

import (
	"context"
	"encoding/json"
)

// database is one database as a service knows it.
type database struct {
	*caller
	name string
}

// migrate makes the database if it is not there: what a service does before it opens its port.
func (d *database) migrate(ctx context.Context) error {
	_, err := d.execute(ctx, statement{Do: "create"})
	return err
}

// reachable says whether the database answers, and has been made.
func (d *database) reachable(ctx context.Context) error {
	_, err := d.execute(ctx, statement{Do: "rows", Table: "__EFMigrationsHistory"})
	return err
}

// insert refuses a key that is there already.
func (d *database) insert(ctx context.Context, table, key string, row any) error {
	return d.write(ctx, "insert", table, key, row)
}

func (d *database) update(ctx context.Context, table, key string, row any) error {
	return d.write(ctx, "update", table, key, row)
}

func (d *database) write(ctx context.Context, do, table, key string, row any) error {
	text, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = d.execute(ctx, statement{Do: do, Table: table, Key: key, Row: text})
	return err
}

func (d *database) execute(ctx context.Context, asked statement) ([]json.RawMessage, error) {
	asked.Database = d.name
	var answered result
	err := d.call(ctx, asked, &answered)
	return answered.Rows, err
}

// rowsOf are a table's rows in the order of their keys.
func rowsOf[T any](ctx context.Context, d *database, table string) ([]T, error) {
	return decodeRows[T](d.execute(ctx, statement{Do: "rows", Table: table}))
}

// rowOf is one row; nil when there is none.
func rowOf[T any](ctx context.Context, d *database, table, key string) (*T, error) {
	rows, err := decodeRows[T](d.execute(ctx, statement{Do: "row", Table: table, Key: key}))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

func decodeRows[T any](raw []json.RawMessage, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	rows := make([]T, len(raw))
	for i, text := range raw {
		if err := json.Unmarshal(text, &rows[i]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}
