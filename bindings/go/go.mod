module stave.internal/stave

go 1.19
