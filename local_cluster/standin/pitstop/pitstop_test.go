package pitstop

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var nadia = map[string]string{
	"Name": "Nadia", "Address": "Quay 4", "PostalCode": "1011", "City": "Amsterdam", "TelephoneNumber": "1", "EmailAddress": "n@x.example",
}

// addCustomer fills the form and gives the id of the only customer.
func addCustomer(t *testing.T, app string, g *garage) string {
	t.Helper()
	expect(t, "form of a customer", fill(t, app+"/CustomerManagement/Register", nadia), http.StatusFound)
	var rows []customer
	for _, raw := range g.rows("CustomerManagement", "Customer") {
		var row customer
		if err := json.Unmarshal(raw, &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) != 1 {
		t.Fatalf("%d customers, expected one", len(rows))
	}
	return rows[0].CustomerID
}

func (g *garage) rows(name, table string) []json.RawMessage {
	g.t.Helper()
	found := &database{newCaller(g.sql, login{"sa", sqlPassword}), name}
	rows, err := found.execute(g.t.Context(), statement{Do: "rows", Table: table})
	if err != nil {
		g.t.Fatal(err)
	}
	return rows
}

func TestFormsWriteOnceAndAreToldToEverybodyOnce(t *testing.T) {
	g := open(t)
	app := g.full("1.0")
	id := addCustomer(t, app, g)
	car := map[string]string{"LicenseNumber": "KL-12-AB", "Brand": "Volvo", "Type": "V70", "OwnerId": id}
	expect(t, "form of a vehicle", fill(t, app+"/VehicleManagement/Register", car), http.StatusFound)
	g.eventually("the event handler has both", func() bool {
		return g.table("WorkshopManagement", "Customer").Rows == 1 && g.table("WorkshopManagement", "Vehicle").Rows == 1
	})
	job := map[string]string{"SelectedVehicleLicenseNumber": "KL-12-AB", "StartTime": "08:00", "EndTime": "09:00", "Description": "Brakes"}
	expect(t, "form of a job", fill(t, app+"/WorkshopManagement/RegisterMaintenanceJob", job), http.StatusFound)
	g.eventually("the event handler has the job", func() bool { return g.table("WorkshopManagement", "MaintenanceJob").Rows == 1 })

	expect(t, "customers", g.table("CustomerManagement", "Customer"), tableReport{1, 1})
	expect(t, "vehicles", g.table("VehicleManagement", "Vehicle"), tableReport{1, 1})
	expect(t, "plannings", g.table("WorkshopManagementEventStore", "WorkshopPlanning"), tableReport{1, 2}) // made, then the job added
	for _, kind := range []string{customerRegistered, vehicleRegistered, planningCreated, jobPlanned} {
		expect(t, kind, g.events().Published[kind], 1)
	}
	_, page := fetch(t, http.MethodGet, app+"/WorkshopManagement", "")
	contains(t, page, "Brakes")
	_, page = fetch(t, http.MethodGet, app+"/VehicleManagement", "")
	contains(t, page, "KL-12-AB")
}

func TestAnEventReachesEveryQueueOnce(t *testing.T) {
	g := open(t)
	folder := t.TempDir()
	g.run(g.role("pitstop/auditlogservice", "1.0", env{"Auditlog__path": folder}))
	g.run(g.role("pitstop/invoiceservice", "1.0", nil))
	g.run(g.role("pitstop/notificationservice", "1.0", nil))
	g.run(g.role("pitstop/workshopmanagementeventhandler", "1.0", nil))
	g.eventually("four queues", func() bool { return len(g.events().Queues) == 4 })
	publisher := &broker{newCaller(g.queue, login{"rabbitmquser", queuePassword})}
	if err := publisher.publish(t.Context(), customerRegistered, customer{CustomerID: "7", Name: "Nadia"}); err != nil {
		t.Fatal(err)
	}
	g.eventually("all have it", func() bool {
		for _, queue := range g.events().Queues {
			if queue != (queueReport{0, 1}) {
				return false
			}
		}
		return true
	})
	for _, database := range []string{"Invoicing", "Notification", "WorkshopManagement"} {
		expect(t, database, g.table(database, "Customer"), tableReport{1, 1})
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "lines of the audit log", strings.Count(string(text), "\n"), 1)
}

func TestBothVersionsUseOneTableAndOnlyTheSecondTellsTheLoyaltyLevel(t *testing.T) {
	g := open(t)
	app := g.full("1.0")
	id := addCustomer(t, app, g)
	one := g.web(g.role("pitstop/customermanagementapi", "1.0", nil))
	two := g.web(g.role("pitstop/customermanagementapi", "2.0", nil))
	_, body := fetch(t, http.MethodGet, one+"/api/customers/"+id, "")
	if strings.Contains(body, "loyaltyLevel") {
		t.Errorf("version 1.0 tells a loyalty level: %s", body)
	}
	var found customer
	read(t, two+"/api/customers/"+id, &found)
	expect(t, "loyalty level of Amsterdam", found.LoyaltyLevel, 3)
	status, _ := fetch(t, http.MethodPost, two+"/api/customers", body)
	expect(t, "the same id again", status, http.StatusInternalServerError)
	expect(t, "customers", g.table("CustomerManagement", "Customer"), tableReport{1, 1})
	status, _ = fetch(t, http.MethodGet, two+"/api/customers/nobody", "")
	expect(t, "an id that is not there", status, http.StatusNotFound)
}

func TestACustomerWithoutACityIsTooMuchForVersionTwo(t *testing.T) {
	g := open(t)
	one := g.web(g.role("pitstop/customermanagementapi", "1.0", nil))
	two := g.web(g.role("pitstop/customermanagementapi", "2.0", nil))
	fetch(t, http.MethodPost, one+"/api/customers", `{"customerId":"9","name":"Ole"}`)
	status, _ := fetch(t, http.MethodGet, one+"/api/customers/9", "")
	expect(t, "version 1.0", status, http.StatusOK)
	status, _ = fetch(t, http.MethodGet, two+"/api/customers/9", "")
	expect(t, "version 2.0", status, http.StatusInternalServerError)
}

func TestTheDetailsPageShowsAMedalOfVersionTwo(t *testing.T) {
	g := open(t)
	app := g.full("2.0")
	id := addCustomer(t, app, g)
	_, page := fetch(t, http.MethodGet, app+"/CustomerManagement/Details/"+id, "")
	contains(t, page, `src="/images/3.png"`)
	response, err := http.Get(app + "/CustomerManagement")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	expect(t, "who answered", response.Header.Get("Stand-In"), "customermanagementapi/2.0")
	status, picture := fetch(t, http.MethodGet, app+"/images/3.png", "")
	expect(t, "status of the picture", status, http.StatusOK)
	contains(t, picture, "PNG")
	status, _ = fetch(t, http.MethodGet, app+"/images/4.png", "")
	expect(t, "a medal that is not", status, http.StatusNotFound)
}

func TestTheWebAppTriesSixTimesAndThenShowsItsOfflinePageWithStatus200(t *testing.T) {
	g := open(t)
	var asked atomic.Int64
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("End-User") != "tester" {
			t.Error("a header was not propagated")
		}
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(broken.Close)
	where := strings.TrimPrefix(broken.URL, "http://")
	app := g.web(g.role("pitstop/webapp", "1.0", env{"APIServiceLocations__VehicleManagementAPI": where}))
	request, _ := http.NewRequest(http.MethodGet, app+"/VehicleManagement", nil)
	request.Header.Set("End-User", "tester")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	expect(t, "status", response.StatusCode, http.StatusOK)
	expect(t, "attempts", asked.Load(), 6)
	_, page := fetch(t, http.MethodGet, app+"/WorkshopManagement", "") // nobody is there
	contains(t, page, "closed for the moment")
}

func TestADayWithoutAPlanIs404AndAnEmptyPage(t *testing.T) {
	g := open(t)
	workshop := g.web(g.role("pitstop/workshopmanagementapi", "1.0", nil))
	status, _ := fetch(t, http.MethodGet, workshop+"/hc", "")
	expect(t, "health before the first planning", status, http.StatusServiceUnavailable)
	status, _ = fetch(t, http.MethodGet, workshop+"/", "")
	expect(t, "the page that probes ask", status, http.StatusOK)
	status, _ = fetch(t, http.MethodGet, workshop+"/api/workshopplanning/2026-02-03", "")
	expect(t, "a day without a plan", status, http.StatusNotFound)
	status, _ = fetch(t, http.MethodGet, workshop+"/hc", "")
	expect(t, "health after it", status, http.StatusOK)
	status, _ = fetch(t, http.MethodGet, workshop+"/api/workshopplanning/3 February", "")
	expect(t, "no date", status, http.StatusBadRequest)
	app := g.full("1.0")
	status, page := fetch(t, http.MethodGet, app+"/WorkshopManagement", "")
	expect(t, "page of an empty day", status, http.StatusOK)
	if strings.Contains(page, "closed for the moment") {
		t.Error("an empty day shows the Offline page")
	}
}

func TestAJobIsFinishedOnce(t *testing.T) {
	g := open(t)
	workshop := g.web(g.role("pitstop/workshopmanagementapi", "1.0", nil))
	day := workshop + "/api/workshopplanning/2026-02-03"
	fetch(t, http.MethodPost, day, "")
	status, _ := fetch(t, http.MethodPost, day+"/jobs", `{"id":"j1","vehicle":{"licenseNumber":"A-1-B"}}`)
	expect(t, "planned", status, http.StatusCreated)
	status, _ = fetch(t, http.MethodPut, day+"/jobs/j1/finish", "")
	expect(t, "finished", status, http.StatusOK)
	status, _ = fetch(t, http.MethodPut, day+"/jobs/j1/finish", "")
	expect(t, "finished again", status, http.StatusNotFound)
	expect(t, "events", g.events().Published[jobFinished], 1)
}

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
