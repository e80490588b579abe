package pitstop

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// newLogServer is Seq: it takes events and shows none.
func newLogServer(settings *settings, _ *Place, _ string) *Role {
	if settings.text("ACCEPT_EULA", "") != "Y" {
		settings.refuse("environment variable ACCEPT_EULA has to be Y: Seq does not start without it")
	}
	open := settings.text("SEQ_FIRSTRUN_NOAUTHENTICATION", "") != ""
	password := settings.text("SEQ_FIRSTRUN_ADMINPASSWORD", settings.text("SEQ_FIRSTRUN_ADMINPASSWORDHASH", ""))
	if !open && password == "" {
		settings.refuse("environment variable SEQ_FIRSTRUN_ADMINPASSWORD is missing: Seq does not start without it, " +
			"or SEQ_FIRSTRUN_NOAUTHENTICATION")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", staticPage("Seq"))
	for _, path := range []string{"POST /api/events/raw", "POST /ingest/clef"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusCreated, struct{}{}) })
	}
	return &Role{Port: 80, Handler: mux}
}

// newMailServer is MailDev 1.1.0, the last version on these ports: it takes mails and counts them.
func newMailServer(_ *settings, _ *Place, _ string) *Role {
	var mails atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", staticPage("MailDev"))
	mux.HandleFunc("GET /stand-in/mails", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]int64{"mails": mails.Load()})
	})
	return &Role{Port: 80, Handler: mux, Lines: map[int]func(net.Conn){25: func(c net.Conn) { takeMails(c, &mails) }}}
}

// takeMails speaks as much SMTP as sending a mail needs; any login is fine.
func takeMails(connection net.Conn, mails *atomic.Int64) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	say := func(text string) { fmt.Fprintf(connection, "%s\r\n", text) }
	say("220 maildev ESMTP")
	for inMail := false; lines.Scan(); {
		_ = connection.SetDeadline(time.Now().Add(time.Minute))
		command, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch {
		case inMail && lines.Text() == ".":
			inMail = false
			mails.Add(1)
			say("250 Message queued")
		case inMail:
		case command == "EHLO":
			say("250-maildev\r\n250 AUTH PLAIN LOGIN")
		case command == "AUTH":
			say("235 Authentication successful")
		case command == "DATA":
			inMail = true
			say("354 End data with <CR><LF>.<CR><LF>")
		case command == "QUIT":
			say("221 Bye")
			return
		default:
			say("250 OK")
		}
	}
}
