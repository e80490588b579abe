package pitstop

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	sqlPassword   = "Str0ng-enough"
	queuePassword = "for-the-queue"
)

type env map[string]string

func (e env) lookup(key string) (string, bool) { value, found := e[key]; return value, found }

// logbook is a log that a test may read while roles write.
type logbook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logbook) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

func (l *logbook) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// garage is Pitstop on loopback: database, broker, and whatever a test adds.
type garage struct {
	t      *testing.T
	log    *logbook
	sql    string // address
	queue  string // address
	sqlWeb string // URL
	rabbit string // URL of the management page
	all    env    // what every role is told
}

func open(t *testing.T) *garage {
	t.Helper()
	g := &garage{t: t, log: &logbook{}, all: env{}}
	sql := g.role("mcr.microsoft.com/mssql/server", "2022", env{"ACCEPT_EULA": "Y", "MSSQL_SA_PASSWORD": sqlPassword})
	g.sql = g.lines(sql)
	g.sqlWeb = "http://" + g.sql
	rabbit := g.role("rabbitmq", "3", env{"RABBITMQ_DEFAULT_USER": "rabbitmquser", "RABBITMQ_DEFAULT_PASS": queuePassword})
	g.queue = g.lines(rabbit)
	g.rabbit = g.web(rabbit)
	for name, database := range map[string]string{
		"CustomerManagementCN": "CustomerManagement", "VehicleManagementCN": "VehicleManagement",
		"EventStoreCN": "WorkshopManagementEventStore", "WorkshopManagementCN": "WorkshopManagement",
		"InvoiceServiceCN": "Invoicing", "NotificationServiceCN": "Notification",
	} {
		g.all["ConnectionStrings__"+name] = connectionString(g.sql, sqlPassword, database)
	}
	host, port, _ := net.SplitHostPort(g.queue)
	for _, section := range []string{"RabbitMQPublisher", "RabbitMQHandler"} {
		g.all[section+"__Host"], g.all[section+"__Port"] = host, port
		g.all[section+"__UserName"], g.all[section+"__Password"] = "rabbitmquser", queuePassword
	}
	return g
}

func connectionString(address, password, database string) string {
	return "server=" + strings.Replace(address, ":", ",", 1) + ";user id=sa;password=" + password +
		";database=" + database + ";trustServerCertificate=true;"
}

// role is a role with what the garage tells everybody, and a test's own variables.
func (g *garage) role(repository, tag string, own env) *Role {
	g.t.Helper()
	variables := env{}
	for _, from := range []env{g.all, own} {
		for key, value := range from {
			variables[key] = value
		}
	}
	place := Place{Env: variables.lookup, Log: g.log, Propagate: http.Header.Clone, Pause: time.Millisecond}
	role, err := New(repository, tag, place)
	if err != nil {
		g.t.Fatalf("%s is refused: %v", repository, err)
	}
	return role
}

// lines serves the role's port that is not HTTP, and gives its address.
func (g *garage) lines(role *Role) string {
	g.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { listener.Close() })
	for port, serve := range role.Lines {
		if port == role.Port {
			go http.Serve(Split(listener, serve), role.Handler)
			continue
		}
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				go serve(connection)
			}
		}()
	}
	return listener.Addr().String()
}

// web prepares a role, runs it and serves its HTTP port; the answer is its URL.
func (g *garage) web(role *Role) string {
	g.t.Helper()
	g.run(role)
	running := httptest.NewServer(role.Handler)
	g.t.Cleanup(running.Close)
	return running.URL
}

func (g *garage) run(role *Role) {
	g.t.Helper()
	if role.Prepare != nil {
		if err := role.Prepare(g.t.Context()); err != nil {
			g.t.Fatal(err)
		}
	}
	if role.Run != nil {
		go role.Run(g.t.Context())
	}
}

// full adds the APIs, the event handler and the web app; the answer is the web app's URL.
func (g *garage) full(version string) string {
	g.t.Helper()
	g.run(g.role("pitstop/workshopmanagementeventhandler", "1.0", nil))
	g.eventually("bound", func() bool { return len(g.events().Queues) == 1 })
	where := env{}
	for name, image := range map[string]string{
		"Customer": "customermanagementapi", "Vehicle": "vehiclemanagementapi", "Workshop": "workshopmanagementapi",
	} {
		address := g.web(g.role("docker.io/pitstop/"+image, version, nil))
		where["APIServiceLocations__"+name+"ManagementAPI"] = strings.TrimPrefix(address, "http://")
	}
	return g.web(g.role("pitstop/webapp", "1.0", where))
}

func (g *garage) events() (report brokerReport) {
	read(g.t, g.rabbit+eventsPath, &report)
	return report
}

func (g *garage) table(database, name string) tableReport {
	var report storeReport
	read(g.t, g.sqlWeb+storePath, &report)
	return report.Databases[database][name]
}

// eventually waits for what other goroutines bring about.
func (g *garage) eventually(what string, holds func() bool) {
	g.t.Helper()
	for range 500 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	g.t.Fatalf("never: %s; the log: %s", what, g.log)
}

func read(t *testing.T, address string, into any) {
	t.Helper()
	status, body := fetch(t, http.MethodGet, address, "")
	if status != http.StatusOK {
		t.Fatalf("%s: status %d: %s", address, status, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%s: %v: %s", address, err, body)
	}
}

// fetch follows no redirect.
func fetch(t *testing.T, method, address, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// fill sends a form and gives the status.
func fill(t *testing.T, address string, fields map[string]string) int {
	t.Helper()
	values := url.Values{}
	for name, value := range fields {
		values.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(address, values)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func expect[T comparable](t *testing.T, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Errorf("%s: got %v, expected %v", what, got, expected)
	}
}

func contains(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q is missing in: %s", part, text)
	}
}

func sendMail(address string) error {
	return smtp.SendMail(address, nil, "garage@x.example", []string{"n@x.example"}, []byte("Subject: ready\r\n\r\nYour car.\r\n"))
}
