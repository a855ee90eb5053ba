module stave.internal/stave/datastore

go 1.19

require (
	github.com/ipfs/go-datastore v0.6.0
	stave.internal/stave v0.1.0
)

require (
	github.com/google/uuid v1.1.1 // indirect
	github.com/ipfs/go-detect-race v0.0.1 // indirect
	github.com/jbenet/goprocess v0.1.4 // indirect
)

replace stave.internal/stave => ../
