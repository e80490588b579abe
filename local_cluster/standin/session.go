package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

const sessionCookie = "session"

// demoSessionKey is the same everywhere, so that all productpage pods accept each other's
// sessions. Anyone may log in as anyone anyway: this is a demonstration, not a protection.
const demoSessionKey = "bookinfo stand-in: for demonstrations only"

// sessions signs and reads the cookie that says who is logged in.
type sessions struct{ key []byte }

// open returns the cookie, as the value of Set-Cookie, of a session of this user.
func (s sessions) open(user string) string {
	name := base64.RawURLEncoding.EncodeToString([]byte(user))
	return sessionCookie + "=" + name + "." + s.signature(name) + "; Path=/; HttpOnly; SameSite=Lax"
}

// end returns the cookie that ends any session.
func (s sessions) end() string {
	return sessionCookie + "=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
}

// user returns who is logged in; empty when nobody is or the signature is wrong.
func (s sessions) user(r *http.Request) string {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	name, signature, found := strings.Cut(cookie.Value, ".")
	if !found || !hmac.Equal([]byte(signature), []byte(s.signature(name))) {
		return ""
	}
	user, err := base64.RawURLEncoding.DecodeString(name)
	if err != nil {
		return ""
	}
	return string(user)
}

func (s sessions) signature(name string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(name))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// userNameProblem says what is wrong with a user name, which becomes a header's value; empty
// when nothing is.
func userNameProblem(name string) string {
	if name == "" || len(name) > 64 {
		return "username must have 1 to 64 characters"
	}
	for _, character := range name {
		if character < ' ' || character > '~' {
			return "username must be of printable ASCII characters"
		}
	}
	return ""
}
