package pitstop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// settings reads what a container is told by its environment, in the keys that .NET and the other images know.
type settings struct {
	env      func(key string) (string, bool)
	problems []error
}

func (s *settings) err() error { return errors.Join(s.problems...) }

func (s *settings) refuse(format string, args ...any) {
	s.problems = append(s.problems, fmt.Errorf(format, args...))
}

// text is a variable; empty counts as not set.
func (s *settings) text(key, fallback string) string {
	if value, _ := s.env(key); value != "" {
		return value
	}
	return fallback
}

// need is a variable that the image does not start without.
func (s *settings) need(key, why string) string {
	value := s.text(key, "")
	if value == "" {
		s.refuse("environment variable %s is missing: %s", key, why)
	}
	return value
}

func (s *settings) port(key string, fallback int) int {
	value := s.text(key, strconv.Itoa(fallback))
	port, err := strconv.Atoi(value)
	if err != nil || port < 1 || port > 65535 {
		s.refuse("environment variable %s has the value %q: must be a port, 1 to 65535", key, value)
	}
	return port
}

// database reads ConnectionStrings__NAME. The images carry a password of their own, which nobody here knows, so
// without the variable every login fails, as it does where the database's password is another one.
func (s *settings) database(name, fallback string) *database {
	key := "ConnectionStrings__" + name
	parts := map[string]string{"server": "sqlserver", "database": fallback}
	for _, part := range strings.Split(s.text(key, ""), ";") {
		name, value, found := strings.Cut(part, "=")
		if strings.TrimSpace(part) == "" {
			continue
		}
		if !found {
			s.refuse("environment variable %s: every part of a connection string is key=value, between semicolons", key)
			continue
		}
		parts[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	host, port, found := strings.Cut(parts["server"], ",") // SQL Server puts a comma before the port
	if !found {
		port = "1433"
	}
	return &database{
		caller: newCaller(net.JoinHostPort(host, port), login{User: parts["user id"], Password: parts["password"]}),
		name:   parts["database"],
	}
}

// broker reads the keys of RabbitMQPublisher or RabbitMQHandler.
func (s *settings) broker(section string) *broker {
	host := s.text(section+"__Host", "rabbitmq")
	port := s.port(section+"__Port", 5672)
	user := login{User: s.text(section+"__UserName", "rabbitmquser"), Password: s.text(section+"__Password", "")}
	return &broker{caller: newCaller(net.JoinHostPort(host, strconv.Itoa(port)), user)}
}

// patience is how often something is tried, and the wait between two tries.
type patience struct {
	retries int
	pause   time.Duration
}

// keepTrying calls try until it works, the retries are used up or the context ends.
func (p *Place) keepTrying(ctx context.Context, what string, how patience, try func() error) error {
	pause := how.pause
	if p.Pause > 0 {
		pause = p.Pause
	}
	for retry := 0; ; retry++ {
		err := try()
		if err == nil {
			return nil
		}
		if retry == how.retries {
			return fmt.Errorf("%s: given up after %d retries: %w", what, how.retries, err)
		}
		p.say("%s: %v; tried again in %s (%d of %d)", what, err, pause, retry+1, how.retries)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func splitPath(path string) []string { return strings.Split(path, "/") }

func joinPath(names []string) string { return strings.Join(names, "/") }
