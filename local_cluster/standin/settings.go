package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// lookup returns the value of an environment variable and whether it is set.
type lookup func(key string) (string, bool)

// settings reads environment variables and collects what is wrong with them, so that all
// problems are reported at once. An empty variable counts as one that is not set.
type settings struct {
	env      lookup
	problems []error
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)

// refuse records that the value of what (a flag or a variable) breaks a rule.
func (s *settings) refuse(what, value, rule string) {
	s.problems = append(s.problems, fmt.Errorf("%s has the value %q: %s", what, value, rule))
}

// err returns all problems, one a line, or nil.
func (s *settings) err() error {
	return errors.Join(s.problems...)
}

// has says whether a variable is set and not empty.
func (s *settings) has(key string) bool {
	value, _ := s.env(key)
	return value != ""
}

// text returns a variable as it is.
func (s *settings) text(key, fallback string) string {
	if value, _ := s.env(key); value != "" {
		return value
	}
	return fallback
}

// whole returns a variable that must be a whole number from least to most.
func (s *settings) whole(key string, fallback, least, most int) int {
	if !s.has(key) {
		return fallback
	}
	number, err := strconv.Atoi(s.text(key, ""))
	if err != nil || number < least || number > most {
		s.refuse("environment variable "+key, s.text(key, ""),
			fmt.Sprintf("must be a whole number from %d to %d", least, most))
		return fallback
	}
	return number
}

// percent returns a variable that must be a number from 0 to 100, as a share from 0 to 1.
func (s *settings) percent(key string, fallback float64) float64 {
	if !s.has(key) {
		return fallback / 100
	}
	number, err := strconv.ParseFloat(s.text(key, ""), 64)
	if err != nil || math.IsNaN(number) || number < 0 || number > 100 {
		s.refuse("environment variable "+key, s.text(key, ""), "must be a number from 0 to 100")
		return fallback / 100
	}
	return number / 100
}

// milliseconds returns a variable that must be a whole number of milliseconds, at most a day.
func (s *settings) milliseconds(key string, fallback int) time.Duration {
	return time.Duration(s.whole(key, fallback, 0, 86_400_000)) * time.Millisecond
}

// yes returns a variable that must be 1, true, 0 or false.
func (s *settings) yes(key string, fallback bool) bool {
	switch value := s.text(key, ""); value {
	case "":
		return fallback
	case "1", "true":
		return true
	case "0", "false":
		return false
	default:
		s.refuse("environment variable "+key, value, "must be 1, true, 0 or false")
		return fallback
	}
}

// host returns a variable that must be a host name or an IPv4 address.
func (s *settings) host(key, fallback string) string {
	value := s.text(key, fallback)
	if value != "" && !hostName.MatchString(value) {
		s.refuse("environment variable "+key, value, "must be a host name (letters, digits, '.', '-')")
	}
	return value
}
