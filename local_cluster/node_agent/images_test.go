package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

const someImages = `
- image: docker.io/istio/examples-bookinfo-*
  command: [standin, serve, --image, $(IMAGE)]
  user: 1000
- image: "*/proxyv2"
  mode: istio-proxy
- image: curlimages/curl
  command: [standin, client]
- image: "registry.local:5000/*"
  command: [first]
- image: registry.local:5000/shop/cart
  command: [never]
`

func TestAnImageIsMatchedByItsRepositoryAlone(t *testing.T) {
	rules, err := parseImages([]byte(someImages))
	if err != nil {
		t.Fatal(err)
	}
	for image, want := range map[string]string{
		"docker.io/istio/examples-bookinfo-reviews-v1:1.20.3": "docker.io/istio/examples-bookinfo-*",
		"istio/examples-bookinfo-ratings-v1":                  "docker.io/istio/examples-bookinfo-*",
		"gcr.io/istio-testing/proxyv2:latest@sha256:0123":     "*/proxyv2",
		"docker.io/curlimages/curl:8.10.1":                    "curlimages/curl",
		"registry.local:5000/shop/cart:2":                     "registry.local:5000/*",
		"gcr.io/istio-testing/proxyv2-debug":                  "",
		"nginx:1":                                             "",
	} {
		if got, _ := matchImage(rules, image); got.Image != want {
			t.Errorf("%s was matched by %q, want %q", image, got.Image, want)
		}
	}
}

func TestAnEntryThatCannotBeRunIsRefusedByName(t *testing.T) {
	for text, want := range map[string]string{
		"- command: [x]": "entry 1: image is missing",
		"- image: a":     "entry 1 (a): command is missing",
		"- {image: a, mode: istiod}\n- {image: b, mode: vm}": `entry 2 (b): unknown mode "vm"`,
	} {
		if _, err := parseImages([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := parseImages([]byte("- {image: a, comand: [x]}")); err == nil {
		t.Error("a misspelt key was accepted")
	}
}

func TestAChangedImagesFileIsReadAndABrokenOneIsNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "images.yaml")
	write := func(text string) {
		if err := writeWhole(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	write("- {image: a/one, command: [x]}")
	book, err := openImageBook(path)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = book.watch(t.Context()) }()
	time.Sleep(50 * time.Millisecond)
	write("- {image: a/two, command: [x]}")
	eventually(t, "the new entry is known", func() bool { _, found := book.match("a/two:1"); return found })
	if err := os.WriteFile(path, []byte("- {image: a/three"), 0o644); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if _, found := book.match("a/two:1"); !found {
		t.Error("a broken file took the old rules away")
	}
}

// eventually waits at most five seconds for something to hold.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}
