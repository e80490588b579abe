module mesh-canary/standin

go 1.26
