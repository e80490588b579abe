package pitstop

import (
	"context"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAServiceDiesWhenItsDatabaseNeverAnswers(t *testing.T) {
	g := open(t)
	wrong := env{"ConnectionStrings__CustomerManagementCN": connectionString(g.sql, "not-the-password", "CustomerManagement")}
	err := g.role("pitstop/customermanagementapi", "1.0", wrong).Prepare(t.Context())
	if err == nil {
		t.Fatal("a wrong password is accepted")
	}
	contains(t, err.Error(), "given up after 10 retries: Login failed for user 'sa'")
	gone := env{"ConnectionStrings__WorkshopManagementCN": connectionString("127.0.0.1:1", sqlPassword, "WorkshopManagement")}
	err = g.role("pitstop/workshopmanagementeventhandler", "1.0", gone).Prepare(t.Context())
	if err == nil {
		t.Fatal("a database that is not there is no reason to die")
	}
	contains(t, err.Error(), "given up after 5 retries")
	if strings.Contains(g.log.String()+err.Error(), "not-the-password") {
		t.Error("a password is in the log")
	}
}

func TestAWorkerWithoutABrokerRunsAndDoesNothing(t *testing.T) {
	g := open(t)
	role := g.role("pitstop/invoiceservice", "1.0", env{"RabbitMQHandler__Password": "not-the-password"})
	if err := role.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { role.Run(t.Context()); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the worker tries again")
	}
	contains(t, g.log.String(), "no consumer, and nothing tries again")
	expect(t, "refused logins", g.events().RefusedLogins, 1)
	expect(t, "queues", len(g.events().Queues), 0)
}

func TestEveryRequestToAnAPICostsTheBrokerAConnection(t *testing.T) {
	g := open(t)
	api := g.web(g.role("pitstop/vehiclemanagementapi", "1.0", nil))
	before := g.events().Connections
	for range 3 {
		fetch(t, http.MethodGet, api+"/api/vehicles", "")
	}
	expect(t, "connections", g.events().Connections-before, 3)
}

func TestAnAPIOutlivesADatabaseThatStartsAnew(t *testing.T) {
	g := open(t)
	service := &database{newCaller(g.sql, login{"sa", sqlPassword}), "Any"}
	if err := service.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	service.idle[0].Close() // as if its other end were gone
	if err := service.reachable(t.Context()); err != nil {
		t.Errorf("a dead connection is not replaced: %v", err)
	}
}

func TestTheManagementPageAsksForThePassword(t *testing.T) {
	g := open(t)
	status, _ := fetch(t, http.MethodGet, g.rabbit+"/api/overview", "")
	expect(t, "nobody", status, http.StatusUnauthorized)
	request, _ := http.NewRequest(http.MethodGet, g.rabbit+"/api/overview", nil)
	request.SetBasicAuth("rabbitmquser", queuePassword)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	expect(t, "with the password", response.StatusCode, http.StatusOK)
}

func TestABrokerTakesItsPasswordFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rabbitmq.conf")
	if err := os.WriteFile(path, []byte("default_user = me\ndefault_pass=secret-of-mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	expect(t, "login", withConfig(login{}, string(text)), login{"me", "secret-of-mine"})
	expect(t, "the environment wins", withConfig(login{User: "other"}, string(text)).User, "other")
}

func TestWhatAnImageDoesNotStartWithoutIsNamed(t *testing.T) {
	for repository, missing := range map[string]string{
		"mcr.microsoft.com/mssql/server": "MSSQL_SA_PASSWORD", "datalust/seq": "SEQ_FIRSTRUN_ADMINPASSWORD",
	} {
		_, err := New(repository, "latest", Place{Env: env{}.lookup, Log: &logbook{}})
		if err == nil {
			t.Fatalf("%s starts with nothing", repository)
		}
		contains(t, err.Error(), missing)
		contains(t, err.Error(), "ACCEPT_EULA")
	}
	weak := env{"ACCEPT_EULA": "Y", "MSSQL_SA_PASSWORD": "weakweak"}
	_, err := New("mssql/server", "latest", Place{Env: weak.lookup, Log: &logbook{}})
	if err == nil {
		t.Fatal("a weak password is accepted")
	}
	contains(t, err.Error(), "policy")
}

func TestImagesAreKnownByTheEndOfTheirRepository(t *testing.T) {
	for repository, plays := range map[string]bool{
		"docker.io/library/rabbitmq": true, "registry.example:5000/mirror/pitstop/webapp": true, "team/webapp": false, "": false,
	} {
		expect(t, repository, Plays(repository), plays)
	}
	expect(t, "images", len(Names()), 13)
}

func TestAMailIsTakenAndCounted(t *testing.T) {
	g := open(t)
	role := g.role("maildev/maildev", "1.1.0", nil)
	address, web := g.lines(role), g.web(role)
	if err := sendMail(address); err != nil {
		t.Fatal(err)
	}
	var report map[string]int
	read(t, web+"/stand-in/mails", &report)
	expect(t, "mails", report["mails"], 1)
}

func TestAWaitingConsumerThatGoesLosesNoEvent(t *testing.T) {
	g := open(t)
	user := newCaller(g.queue, login{"rabbitmquser", queuePassword})
	first, err := user.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = first.send(order{Do: "next", Queue: "Auditlog"})
	g.eventually("bound", func() bool { return len(g.events().Queues) == 1 })
	first.Close()
	publisher := &broker{user}
	for range 2 {
		if err := publisher.publish(t.Context(), vehicleRegistered, vehicle{LicenseNumber: "A-1-B"}); err != nil {
			t.Fatal(err)
		}
	}
	var heard atomic.Int64
	second := &consumer{publisher, "Auditlog", func(context.Context, event) { heard.Add(1) }}
	go second.run(t.Context(), &Place{logger: log.New(g.log, "", 0)})
	g.eventually("both heard", func() bool { return heard.Load() == 2 })
	g.eventually("both acknowledged", func() bool { return g.events().Queues["Auditlog"] == queueReport{0, 2} })
}
