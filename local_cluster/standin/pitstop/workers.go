package pitstop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The five workers: they listen to nobody, so no probe can ask them; what they do shows in the database, the broker's
// counters and their logs.

// keeper is a worker that copies what it hears of into a database of its own.
type keeper struct {
	database *database
	place    *Place
}

// handlerMigration is how long the event handler waits for its database; then it dies.
var handlerMigration = patience{retries: 5, pause: 5 * time.Second}

func newEventHandler(settings *settings, place *Place, _ string) *Role {
	database := settings.database("WorkshopManagementCN", "WorkshopManagement")
	return newKeeper(settings, place, database, "WorkshopManagement", handlerMigration)
}

func newInvoices(settings *settings, place *Place, _ string) *Role {
	database := settings.database("InvoiceServiceCN", "Invoicing")
	return newKeeper(settings, place, database, "Invoicing", migration)
}

func newNotifications(settings *settings, place *Place, _ string) *Role {
	database := settings.database("NotificationServiceCN", "Notification")
	return newKeeper(settings, place, database, "Notifications", migration)
}

func newKeeper(settings *settings, place *Place, database *database, queue string, patience patience) *Role {
	keeper := &keeper{database, place}
	broker := settings.broker("RabbitMQHandler")
	consumer := &consumer{broker, settings.text("RabbitMQHandler__Queue", queue), keeper.keep}
	return &Role{
		Prepare: func(ctx context.Context) error {
			return place.keepTrying(ctx, "database "+database.name, patience, func() error { return database.migrate(ctx) })
		},
		Run: func(ctx context.Context) { consumer.run(ctx, place) },
	}
}

// keep writes what an event is about; an event that cannot be written is logged and acknowledged all the same.
func (k *keeper) keep(ctx context.Context, heard event) {
	if err := k.write(ctx, heard); err != nil {
		k.place.say("%s: %v", heard.Type, err)
		return
	}
	k.place.say("%s", heard.Type)
}

func (k *keeper) write(ctx context.Context, heard event) error {
	switch heard.Type {
	case customerRegistered:
		return keepRow(ctx, k.database.insert, "Customer", heard, func(c customer) string { return c.CustomerID })
	case vehicleRegistered:
		return keepRow(ctx, k.database.insert, "Vehicle", heard, func(v vehicle) string { return v.LicenseNumber })
	case jobPlanned:
		return keepRow(ctx, k.database.insert, "MaintenanceJob", heard, jobKey)
	case jobFinished:
		return keepRow(ctx, k.database.update, "MaintenanceJob", heard, jobKey)
	}
	return nil
}

func jobKey(job maintenanceJob) string { return job.ID }

func keepRow[T any](
	ctx context.Context, write func(context.Context, string, string, any) error, table string, heard event, key func(T) string,
) error {
	var row T
	if err := json.Unmarshal(heard.Body, &row); err != nil {
		return err
	}
	return write(ctx, table, key(row), row)
}

// newAuditLog writes every event to a file of its day; it has no database.
func newAuditLog(settings *settings, place *Place, _ string) *Role {
	folder := settings.text("Auditlog__path", "/var/log/pitstop/auditlog")
	broker := settings.broker("RabbitMQHandler")
	consumer := &consumer{broker, settings.text("RabbitMQHandler__Queue", "Auditlog"), func(_ context.Context, heard event) {
		if err := appendLine(folder, heard); err != nil {
			place.say("%s: %v", heard.Type, err)
			return
		}
		place.say("%s", heard.Type)
	}}
	return &Role{
		Prepare: func(context.Context) error { return os.MkdirAll(folder, 0o755) },
		Run:     func(ctx context.Context) { consumer.run(ctx, place) },
	}
}

func appendLine(folder string, heard event) error {
	name := filepath.Join(folder, time.Now().UTC().Format(time.DateOnly)+"-auditlog.txt")
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintf(file, "%s %s\n", heard.Type, heard.Body)
	return err
}

// newTime says that a day has passed, 24 hours after its own start and not at midnight.
func newTime(settings *settings, place *Place, _ string) *Role {
	broker := settings.broker("RabbitMQPublisher")
	return &Role{Run: func(ctx context.Context) {
		on, err := broker.open(ctx)
		if err != nil {
			place.say("no connection to the broker, and nothing tries again: %v", err)
			return
		}
		on.Close()
		place.say("connected to the broker")
		day := time.NewTicker(24 * time.Hour)
		defer day.Stop()
		for {
			select {
			case <-day.C:
				if err := broker.publish(ctx, dayHasPassed, struct{}{}); err != nil {
					place.say("%s: %v", dayHasPassed, err)
				}
			case <-ctx.Done():
				return
			}
		}
	}}
}
