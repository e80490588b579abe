package pitstop

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
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
