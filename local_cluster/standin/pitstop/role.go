// Package pitstop plays the fourteen workloads of the sample app Pitstop: its four web services, its five workers, and
// the database, broker, log server and mail server behind them.
//
// It follows what Pitstop's callers and operators can see: ports, paths, JSON fields, environment keys, what has to be
// there at the start and what happens when it is not. Its code, texts and data are its own, and between the services,
// the database and the broker it speaks a small protocol of its own: see lines.go.
package pitstop

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"time"
)

// Role is what a container does. Prepare comes first and the ports open after it; its error ends the process.
type Role struct {
	Port    int // of HTTP; 0: the container answers none
	Handler http.Handler
	Lines   map[int]func(net.Conn) // further ports; one that is Port as well shares it with HTTP, told apart by the first byte
	Prepare func(context.Context) error
	Run     func(context.Context) // beside the ports, until the context ends
}

// Place is what a role is told of where it runs.
type Place struct {
	Env       func(key string) (string, bool)
	Log       io.Writer
	Propagate func(http.Header) http.Header // of a request, what goes to the calls made on its behalf
	Pause     time.Duration                 // between two tries to reach what a service needs; 0: as Pitstop waits
	logger    *log.Logger
}

// say writes one line to the container's log.
func (p *Place) say(format string, args ...any) { p.logger.Printf(format, args...) }

// roles are the images, by the end of their repository, which is how a registry in front does not matter.
var roles = map[string]func(*settings, *Place, string) *Role{
	"mssql/server":                           newSQLServer,
	"rabbitmq":                               newRabbitMQ,
	"datalust/seq":                           newLogServer,
	"maildev/maildev":                        newMailServer,
	"pitstop/auditlogservice":                newAuditLog,
	"pitstop/invoiceservice":                 newInvoices,
	"pitstop/notificationservice":            newNotifications,
	"pitstop/timeservice":                    newTime,
	"pitstop/workshopmanagementeventhandler": newEventHandler,
	"pitstop/customermanagementapi":          newCustomers,
	"pitstop/vehiclemanagementapi":           newVehicles,
	"pitstop/workshopmanagementapi":          newWorkshop,
	"pitstop/webapp":                         newWebApp,
}

// Plays says whether a repository (without tag) is one of Pitstop's.
func Plays(repository string) bool { return key(repository) != "" }

// New is the role of an image. Its error names every setting that is missing or wrong, one a line.
func New(repository, tag string, place Place) (*Role, error) {
	place.logger = log.New(place.Log, "standin: ", 0)
	settings := &settings{env: place.Env}
	role := roles[key(repository)](settings, &place, tag)
	return role, settings.err()
}

func key(repository string) string {
	names := splitPath(repository)
	for _, count := range []int{2, 1} {
		if len(names) < count {
			continue
		}
		end := joinPath(names[len(names)-count:])
		if _, known := roles[end]; known {
			return end
		}
	}
	return ""
}

// Names are the repositories' ends, in order.
func Names() []string {
	names := make([]string, 0, len(roles))
	for name := range roles {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
