package pitstop

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

// webApp is what users see. It looks for nothing at its start, and asks the three APIs while a user waits.
type webApp struct {
	customers, vehicles, workshop *remote
	propagate                     func(http.Header) http.Header
}

func newWebApp(settings *settings, place *Place, _ string) *Role {
	app := &webApp{
		customers: newRemote(settings.text("APIServiceLocations__CustomerManagementAPI", "customermanagementapi:5100")),
		vehicles:  newRemote(settings.text("APIServiceLocations__VehicleManagementAPI", "vehiclemanagementapi:5000")),
		workshop:  newRemote(settings.text("APIServiceLocations__WorkshopManagementAPI", "workshopmanagementapi:5200")),
		propagate: place.Propagate,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hc", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "Healthy") })
	mux.HandleFunc("GET /{$}", staticPage("Welcome to Pitstop"))
	mux.HandleFunc("GET /images/{name}", medal)

	mux.HandleFunc("GET /CustomerManagement", app.resilient(app.customerList))
	mux.HandleFunc("GET /CustomerManagement/Details/{id}", app.resilient(app.customerDetails))
	mux.HandleFunc("GET /CustomerManagement/New", form("/CustomerManagement/Register",
		"Name", "Address", "PostalCode", "City", "TelephoneNumber", "EmailAddress"))
	mux.HandleFunc("POST /CustomerManagement/Register", app.resilient(app.registerCustomer))

	mux.HandleFunc("GET /VehicleManagement", app.resilient(app.vehicleList))
	mux.HandleFunc("GET /VehicleManagement/Details/{license}", app.resilient(app.vehicleDetails))
	mux.HandleFunc("GET /VehicleManagement/New", form("/VehicleManagement/Register",
		"LicenseNumber", "Brand", "Type", "OwnerId"))
	mux.HandleFunc("POST /VehicleManagement/Register", app.resilient(app.registerVehicle))

	mux.HandleFunc("GET /WorkshopManagement", app.resilient(app.planningOfToday))
	mux.HandleFunc("GET /WorkshopManagement/New", app.resilient(app.newJob))
	mux.HandleFunc("POST /WorkshopManagement/RegisterMaintenanceJob", app.resilient(app.registerJob))
	mux.HandleFunc("POST /WorkshopManagement/FinishMaintenanceJob", app.resilient(app.finishJob))
	return &Role{Port: 7005, Handler: mux}
}

// attempts is one try and five retries without a pause between them.
const attempts = 6

// visit is one user's request; what its calls carry stays the same over all attempts, new ids too.
type visit struct {
	*http.Request
	headers  http.Header
	newID    string
	answered http.Header // who answered, over all attempts
}

// shown is what a handler wants the user to see: a page, or another address.
type shown struct {
	page     string
	data     page
	redirect string
}

// resilient tries a handler until it works; when it never does, the user sees the Offline page, with status 200: who
// looks at this service's answers alone sees no failure. What the API refuses as not right is not tried again.
func (a *webApp) resilient(handle func(visit) (shown, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		asked := visit{r, a.propagate(r.Header), rand.Text(), http.Header{}}
		for range attempts {
			result, err := handle(asked)
			w.Header()[answeredBy] = asked.answered[answeredBy]
			switch status, refused := err.(statusError); {
			case refused && status < 500:
				writePage(w, int(status), "text", page{Title: http.StatusText(int(status))})
				return
			case err == nil && result.redirect != "":
				http.Redirect(w, r, result.redirect, http.StatusFound)
				return
			case err == nil:
				writePage(w, http.StatusOK, result.page, result.data)
				return
			}
			if r.Context().Err() != nil {
				return
			}
		}
		writePage(w, http.StatusOK, "offline", page{Title: "Offline"})
	}
}

func (a *webApp) customerList(v visit) (shown, error) {
	var found []customer
	err := a.customers.get(v, "/api/customers", &found)
	return shown{page: "customers", data: page{Title: "Customers", Customers: found}}, err
}

func (a *webApp) customerDetails(v visit) (shown, error) {
	var found customer
	err := a.customers.get(v, "/api/customers/"+v.PathValue("id"), &found)
	return shown{page: "customer", data: page{Title: "Customer", Customers: []customer{found}}}, err
}

func (a *webApp) registerCustomer(v visit) (shown, error) {
	city := v.PostFormValue("City")
	added := customer{
		CustomerID: v.newID, Name: v.PostFormValue("Name"), Address: v.PostFormValue("Address"),
		PostalCode: v.PostFormValue("PostalCode"), TelephoneNumber: v.PostFormValue("TelephoneNumber"),
		EmailAddress: v.PostFormValue("EmailAddress"),
	}
	if city != "" {
		added.City = &city
	}
	return shown{redirect: "/CustomerManagement"}, a.customers.send(v, http.MethodPost, "/api/customers", added)
}

func (a *webApp) vehicleList(v visit) (shown, error) {
	var found []vehicle
	err := a.vehicles.get(v, "/api/vehicles", &found)
	return shown{page: "vehicles", data: page{Title: "Vehicles", Vehicles: found}}, err
}

func (a *webApp) vehicleDetails(v visit) (shown, error) {
	var found vehicle
	err := a.vehicles.get(v, "/api/vehicles/"+v.PathValue("license"), &found)
	return shown{page: "vehicles", data: page{Title: "Vehicle", Vehicles: []vehicle{found}}}, err
}

func (a *webApp) registerVehicle(v visit) (shown, error) {
	added := vehicle{
		LicenseNumber: v.PostFormValue("LicenseNumber"), Brand: v.PostFormValue("Brand"),
		Type: v.PostFormValue("Type"), OwnerID: v.PostFormValue("OwnerId"),
	}
	return shown{redirect: "/VehicleManagement"}, a.vehicles.send(v, http.MethodPost, "/api/vehicles", added)
}

func planningPath(date string) string { return "/api/workshopplanning/" + date }

// planningOfToday is empty when today has no plan, which the API says with 404.
func (a *webApp) planningOfToday(v visit) (shown, error) {
	today := planning{Date: time.Now().Format(time.DateOnly)}
	err := a.workshop.get(v, planningPath(today.Date), &today)
	if err == statusError(http.StatusNotFound) {
		err = nil
	}
	return shown{page: "workshop", data: page{Title: "Workshop of " + today.Date, Jobs: today.Jobs}}, err
}

func (a *webApp) newJob(v visit) (shown, error) {
	var found []vehicle
	err := a.workshop.get(v, "/api/refdata/vehicles", &found)
	data := page{
		Title: "New", Action: "/WorkshopManagement/RegisterMaintenanceJob", Vehicles: found,
		Fields: []string{"Date", "StartTime", "EndTime", "SelectedVehicleLicenseNumber", "Description"},
	}
	return shown{page: "form", data: data}, err
}

// registerJob plans a job, on a day that is made first if nobody has planned anything on it.
func (a *webApp) registerJob(v visit) (shown, error) {
	date := cmp.Or(v.PostFormValue("Date"), time.Now().Format(time.DateOnly))
	job := maintenanceJob{
		ID: v.newID, Description: v.PostFormValue("Description"),
		StartTime: v.PostFormValue("StartTime"), EndTime: v.PostFormValue("EndTime"),
	}
	license := v.PostFormValue("SelectedVehicleLicenseNumber")
	if err := a.workshop.get(v, "/api/refdata/vehicles/"+license, &job.Vehicle); err != nil {
		return shown{}, err
	}
	if err := a.workshop.get(v, "/api/refdata/customers/"+job.Vehicle.OwnerID, &job.Customer); err != nil {
		return shown{}, err
	}
	err := a.workshop.get(v, planningPath(date), &planning{})
	if err == statusError(http.StatusNotFound) {
		err = a.workshop.send(v, http.MethodPost, planningPath(date), planning{Date: date})
	}
	if err != nil {
		return shown{}, err
	}
	return shown{redirect: "/WorkshopManagement"}, a.workshop.send(v, http.MethodPost, planningPath(date)+"/jobs", job)
}

func (a *webApp) finishJob(v visit) (shown, error) {
	date := cmp.Or(v.PostFormValue("Date"), time.Now().Format(time.DateOnly))
	path := fmt.Sprintf("%s/jobs/%s/finish", planningPath(date), v.PostFormValue("Id"))
	return shown{redirect: "/WorkshopManagement"}, a.workshop.send(v, http.MethodPut, path, struct{}{})
}
