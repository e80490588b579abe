package pitstop

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// workshop is the WorkshopManagementAPI: plannings are kept in the event store, whose database the first call to a
// planning makes; customers and vehicles are read from the database that the event handler fills.
type workshop struct {
	api       // of the event store
	reference *database
	place     *Place
	mutex     sync.Mutex
	made      bool // the event store's database
}

func newWorkshop(settings *settings, place *Place, tag string) *Role {
	service := &workshop{
		api: api{
			settings.database("EventStoreCN", "WorkshopManagementEventStore"), settings.broker("RabbitMQPublisher"),
		},
		reference: settings.database("WorkshopManagementCN", "WorkshopManagement"),
		place:     place,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hc", service.health) // unhealthy until somebody has asked for a planning
	mux.HandleFunc("GET /{$}", staticPage("Workshop Management API"))
	const plan = "/api/workshopplanning/{date}"
	mux.HandleFunc("GET "+plan, service.planned(service.day))
	mux.HandleFunc("POST "+plan, service.planned(service.create))
	mux.HandleFunc("GET "+plan+"/jobs/{job}", service.planned(service.job))
	mux.HandleFunc("POST "+plan+"/jobs", service.planned(service.plan))
	mux.HandleFunc("PUT "+plan+"/jobs/{job}/finish", service.planned(service.finish))
	mux.HandleFunc("GET /api/refdata/customers", service.answering(service.customers))
	mux.HandleFunc("GET /api/refdata/vehicles", service.answering(service.vehicles))
	mux.HandleFunc("GET /api/refdata/customers/{id}", service.answering(service.customer))
	mux.HandleFunc("GET /api/refdata/vehicles/{license}", service.answering(service.vehicle))
	return &Role{Port: 5200, Handler: signed("workshopmanagementapi", tag, mux)}
}

// planned makes the event store's database first, and refuses a date that is none.
func (s *workshop) planned(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return s.answering(func(r *http.Request) (any, error) {
		if _, err := time.Parse(time.DateOnly, r.PathValue("date")); err != nil {
			return nil, statusError(http.StatusBadRequest)
		}
		if err := s.makeStore(r.Context()); err != nil {
			return nil, err
		}
		return handle(r)
	})
}

func (s *workshop) makeStore(ctx context.Context) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.made {
		return nil
	}
	err := s.place.keepTrying(ctx, "database "+s.database.name, migration, func() error { return s.database.migrate(ctx) })
	s.made = err == nil
	return err
}

func (s *workshop) load(r *http.Request) (*planning, error) {
	row, err := rowOf[planning](r.Context(), s.database, "WorkshopPlanning", r.PathValue("date"))
	if err == nil && row == nil {
		return nil, statusError(http.StatusNotFound)
	}
	return row, err
}

func (s *workshop) day(r *http.Request) (any, error) { return s.load(r) }

func (s *workshop) create(r *http.Request) (any, error) {
	date := r.PathValue("date")
	row := planning{Date: date, Jobs: []maintenanceJob{}}
	return row, s.register(r.Context(), "WorkshopPlanning", date, row, planningCreated)
}

func (s *workshop) job(r *http.Request) (any, error) {
	row, err := s.load(r)
	if err != nil {
		return nil, err
	}
	for i := range row.Jobs {
		if row.Jobs[i].ID == r.PathValue("job") {
			return row.Jobs[i], nil
		}
	}
	return nil, statusError(http.StatusNotFound)
}

func (s *workshop) plan(r *http.Request) (any, error) {
	added, err := decode[maintenanceJob](r)
	if err != nil {
		return nil, err
	}
	if added.ID == "" || added.Vehicle == nil {
		return nil, statusError(http.StatusBadRequest)
	}
	added.Status = "Planned"
	return added, s.change(r, jobPlanned, &added, func(plan *planning) error {
		for _, job := range plan.Jobs {
			if job.ID == added.ID {
				return errors.New("the job is planned already")
			}
		}
		plan.Jobs = append(plan.Jobs, added)
		return nil
	})
}

func (s *workshop) finish(r *http.Request) (any, error) {
	var finished maintenanceJob
	return &finished, s.change(r, jobFinished, &finished, func(plan *planning) error {
		for i := range plan.Jobs {
			if job := &plan.Jobs[i]; job.ID == r.PathValue("job") && job.Status == "Planned" {
				job.Status = "Completed"
				finished = *job
				return nil
			}
		}
		return statusError(http.StatusNotFound)
	})
}

// change writes a planning anew and tells everybody of the job that it is about.
func (s *workshop) change(r *http.Request, kind string, job *maintenanceJob, edit func(*planning) error) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	row, err := s.load(r)
	if err != nil {
		return err
	}
	if err := edit(row); err != nil {
		return err
	}
	if err := s.database.update(r.Context(), "WorkshopPlanning", row.Date, row); err != nil {
		return err
	}
	return s.broker.publish(r.Context(), kind, job)
}

func (s *workshop) customers(r *http.Request) (any, error) {
	return rowsOf[customer](r.Context(), s.reference, "Customer")
}

func (s *workshop) vehicles(r *http.Request) (any, error) {
	return rowsOf[vehicle](r.Context(), s.reference, "Vehicle")
}

func (s *workshop) customer(r *http.Request) (any, error) {
	return found(rowOf[customer](r.Context(), s.reference, "Customer", r.PathValue("id")))
}

func (s *workshop) vehicle(r *http.Request) (any, error) {
	return found(rowOf[vehicle](r.Context(), s.reference, "Vehicle", r.PathValue("license")))
}
