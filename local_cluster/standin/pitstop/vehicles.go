package pitstop

import (
	"net/http"
	"regexp"
)

// licenseNumber is three groups of letters or digits, as the API checks it.
var licenseNumber = regexp.MustCompile(`(?i)^(([0-9]{1,3}|[a-z]{1,3})-){2}([0-9]{1,3}|[a-z]{1,3})$`)

// vehicles is the VehicleManagementAPI.
type vehicles struct{ api }

func newVehicles(settings *settings, place *Place, tag string) *Role {
	service := &vehicles{api{settings.database("VehicleManagementCN", "VehicleManagement"), settings.broker("RabbitMQPublisher")}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hc", service.health)
	mux.HandleFunc("GET /{$}", staticPage("Vehicle Management API"))
	mux.HandleFunc("GET /api/vehicles", service.answering(service.all))
	mux.HandleFunc("GET /api/vehicles/{license}", service.answering(service.one))
	mux.HandleFunc("POST /api/vehicles", service.answering(service.add))
	return &Role{Port: 5000, Handler: signed("vehiclemanagementapi", tag, mux), Prepare: service.prepare(place)}
}

func (v *vehicles) all(r *http.Request) (any, error) {
	return rowsOf[vehicle](r.Context(), v.database, "Vehicle")
}

func (v *vehicles) one(r *http.Request) (any, error) {
	return found(rowOf[vehicle](r.Context(), v.database, "Vehicle", r.PathValue("license")))
}

func (v *vehicles) add(r *http.Request) (any, error) {
	row, err := decode[vehicle](r)
	if err != nil {
		return nil, err
	}
	if !licenseNumber.MatchString(row.LicenseNumber) {
		return nil, statusError(http.StatusBadRequest)
	}
	return row, v.register(r.Context(), "Vehicle", row.LicenseNumber, row, vehicleRegistered)
}
