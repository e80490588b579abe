package pitstop

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"unicode"
)

// storePath shows what the database holds.
const storePath = "/stand-in/store"

// sqlServer is a store of rows by database, table and key, in memory: its data goes with the pod.
type sqlServer struct {
	password string
	mutex    sync.Mutex
	data     map[string]map[string]*table
	refused  int // logins
}

// table holds rows by key; writes counts what changed it: a refused duplicate does not.
type table struct {
	rows   map[string]json.RawMessage
	writes int
}

// statement is a request to the database; which fields count depends on Do.
type statement struct {
	Do       string          `json:"do"` // create, insert, update, rows, row
	Database string          `json:"database"`
	Table    string          `json:"table,omitempty"`
	Key      string          `json:"key,omitempty"`
	Row      json.RawMessage `json:"row,omitempty"`
}

type result struct {
	Error string            `json:"error,omitempty"`
	Rows  []json.RawMessage `json:"rows"`
}

// tableReport is one table as storePath shows it.
type tableReport struct {
	Rows   int `json:"rows"`
	Writes int `json:"writes"`
}

type storeReport struct {
	Databases     map[string]map[string]tableReport `json:"databases"`
	RefusedLogins int                               `json:"refused_logins"`
}

func newSQLServer(settings *settings, _ *Place, _ string) *Role {
	if settings.text("ACCEPT_EULA", "") != "Y" {
		settings.refuse("environment variable ACCEPT_EULA has to be Y: SQL Server does not start without it")
	}
	password := settings.need("MSSQL_SA_PASSWORD", "SQL Server does not start without a password for sa")
	if password != "" && !strongEnough(password) {
		settings.refuse("environment variable MSSQL_SA_PASSWORD does not meet SQL Server's policy: at least 8 characters " +
			"of three of upper case, lower case, digits, others")
	}
	server := &sqlServer{password: password, data: map[string]map[string]*table{"master": {}}}
	return &Role{Port: 1433, Handler: server, Lines: map[int]func(net.Conn){1433: server.serve}}
}

func strongEnough(password string) bool {
	var upper, lower, digit, other int
	for _, character := range password {
		switch {
		case unicode.IsUpper(character):
			upper = 1
		case unicode.IsLower(character):
			lower = 1
		case unicode.IsDigit(character):
			digit = 1
		default:
			other = 1
		}
	}
	return len(password) >= 8 && upper+lower+digit+other >= 3
}

func (s *sqlServer) serve(raw net.Conn) {
	serveLines(raw, s.welcome, func(_ *connection, line json.RawMessage) any {
		var asked statement
		if err := json.Unmarshal(line, &asked); err != nil {
			return result{Error: err.Error()}
		}
		rows, err := s.execute(asked)
		if err != nil {
			return result{Error: err.Error()}
		}
		return result{Rows: rows}
	})
}

func (s *sqlServer) welcome(who login) error {
	if who.User == "sa" && who.Password == s.password {
		return nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.refused++
	return fmt.Errorf("Login failed for user '%s'", who.User) //nolint: as the server words it
}

func (s *sqlServer) execute(asked statement) ([]json.RawMessage, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	tables, known := s.data[asked.Database]
	if asked.Do == "create" {
		if !known {
			s.data[asked.Database] = map[string]*table{}
		}
		return nil, nil
	}
	if !known {
		return nil, fmt.Errorf("Cannot open database %q", asked.Database)
	}
	rows := tables[asked.Table]
	if rows == nil {
		rows = &table{rows: map[string]json.RawMessage{}}
	}
	found, err := rows.execute(asked)
	if rows.writes > 0 {
		tables[asked.Table] = rows
	}
	return found, err
}

func (t *table) execute(asked statement) ([]json.RawMessage, error) {
	row, known := t.rows[asked.Key]
	switch asked.Do {
	case "rows":
		found := make([]json.RawMessage, 0, len(t.rows))
		for _, key := range slices.Sorted(maps.Keys(t.rows)) {
			found = append(found, t.rows[key])
		}
		return found, nil
	case "row":
		if !known {
			return nil, nil
		}
		return []json.RawMessage{row}, nil
	case "insert":
		if known {
			return nil, fmt.Errorf("Violation of PRIMARY KEY constraint: %q is in %s already", asked.Key, asked.Table)
		}
	case "update":
		if !known {
			return nil, fmt.Errorf("%q is not in %s", asked.Key, asked.Table)
		}
	default:
		return nil, errors.New("Incorrect syntax near '" + asked.Do + "'")
	}
	t.rows[asked.Key] = asked.Row
	t.writes++
	return nil, nil
}

// ServeHTTP shows how many rows and writes each table has.
func (s *sqlServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != storePath {
		http.NotFound(w, r)
		return
	}
	s.mutex.Lock()
	report := storeReport{Databases: map[string]map[string]tableReport{}, RefusedLogins: s.refused}
	for database, tables := range s.data {
		report.Databases[database] = map[string]tableReport{}
		for name, table := range tables {
			report.Databases[database][name] = tableReport{len(table.rows), table.writes}
		}
	}
	s.mutex.Unlock()
	writeJSON(w, http.StatusOK, report)
}
