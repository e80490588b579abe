package pitstop

// What the services say to each other; fields as Pitstop's JSON has them.

type customer struct {
	CustomerID      string  `json:"customerId"`
	Name            string  `json:"name"`
	Address         string  `json:"address"`
	PostalCode      string  `json:"postalCode"`
	City            *string `json:"city"`
	TelephoneNumber string  `json:"telephoneNumber"`
	EmailAddress    string  `json:"emailAddress"`
	LoyaltyLevel    int     `json:"loyaltyLevel,omitempty"` // from version 2.0 of the API
}

type vehicle struct {
	LicenseNumber string `json:"licenseNumber"`
	Brand         string `json:"brand"`
	Type          string `json:"type"`
	OwnerID       string `json:"ownerId"`
}

type planning struct {
	Date string           `json:"date"` // yyyy-MM-dd
	Jobs []maintenanceJob `json:"jobs"`
}

type maintenanceJob struct {
	ID          string    `json:"id"`
	StartTime   string    `json:"startTime"`
	EndTime     string    `json:"endTime"`
	Customer    *customer `json:"customer"`
	Vehicle     *vehicle  `json:"vehicle"`
	Description string    `json:"description"`
	Status      string    `json:"status"` // Planned or Completed
}

// Events, as consumers know them.
const (
	customerRegistered = "CustomerRegistered"
	vehicleRegistered  = "VehicleRegistered"
	planningCreated    = "WorkshopPlanningCreated"
	jobPlanned         = "MaintenanceJobPlanned"
	jobFinished        = "MaintenanceJobFinished"
	dayHasPassed       = "DayHasPassed"
)
