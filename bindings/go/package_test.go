package stave_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"stave.internal/stave"
	native "stave.internal/stave/internal/generated"
)

// run runs go, as go test does, in a folder.
func run(t *testing.T, folder string, args ...string) string {
	t.Helper()
	command := exec.Command(filepath.Join(runtime.GOROOT(), "bin", args[0]), args[1:]...)
	command.Dir = folder
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, output)
	}
	return string(output)
}

func TestTheExampleOfTheReadmePrintsWhatStandsThere(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a program")
	}
	text, err := os.ReadFile("README.md")
	must(t, err)
	parts := regexp.MustCompile("(?s)```go\n(.*?)```.*?```\n(.*?)```").FindSubmatch(text)
	here, err := os.Getwd()
	must(t, err)
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "main.go"), parts[1], 0o600))
	run(t, folder, "go", "mod", "init", "example")
	run(t, folder, "go", "mod", "edit", "-require", "stave.internal/stave@v0.1.0",
		"-replace", "stave.internal/stave="+here)
	same(t, run(t, folder, "go", "run", "."), string(parts[2]))
	same(t, run(t, folder, "gofmt", "-l", "."), "")
}

func TestTheSourcesAreFormatted(t *testing.T) {
	var files []string
	must(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") && !strings.HasPrefix(path, "internal/generated") {
			files = append(files, path)
		}
		return err
	}))
	same(t, len(files) > 20, true)
	same(t, run(t, ".", append([]string{"gofmt", "-l"}, files...)...), "")
}

func TestEverythingPublicIsDocumented(t *testing.T) {
	set := token.NewFileSet()
	for _, folder := range []string{".", "gokv", "datastore"} {
		packages, err := parser.ParseDir(set, folder, func(file fs.FileInfo) bool {
			return !strings.HasSuffix(file.Name(), "_test.go")
		}, parser.ParseComments)
		must(t, err)
		for _, parsed := range packages {
			for name, text := range documented(parsed) {
				if text == "" {
					t.Errorf("%s: %s has no documentation", folder, name)
				}
			}
		}
	}
}

func documented(parsed *ast.Package) map[string]string {
	found := map[string]string{}
	all := doc.New(parsed, "stave", 0)
	found["the package"] = all.Doc
	functions := func(of string, list []*doc.Func) {
		for _, one := range list {
			found[of+one.Name] = one.Doc
		}
	}
	functions("", all.Funcs)
	for _, one := range all.Types {
		found[one.Name] = one.Doc
		functions("", one.Funcs)
		functions(one.Name+".", one.Methods)
		for _, value := range append(one.Consts, one.Vars...) {
			found[one.Name+": "+strings.Join(value.Names, " ")] = value.Doc
		}
	}
	return found
}

// Constants stand here by themselves, and have to be those of the library.
func TestCodesAreThoseOfTheLibrary(t *testing.T) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "errors.go", nil, 0)
	must(t, err)
	known := map[stave.Code]string{}
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, is := node.(*ast.ValueSpec)
		if !is || len(spec.Values) != 1 {
			return true
		}
		var code stave.Code
		for _, digit := range spec.Values[0].(*ast.BasicLit).Value {
			code = 10*code + stave.Code(digit-'0')
		}
		known[code] = constantName(spec.Names[0].Name)
		return true
	})
	known[0], known[2] = "OK", "DONE" // which nobody is given
	for number := -1; number < 1000; number++ {
		want := "STAVE_UNKNOWN_STATUS"
		if name := known[stave.Code(number)]; name != "" {
			want = "STAVE_" + name
		}
		same(t, native.Status_name(number), want)
	}
	same(t, len(known) > 30, true)
}

// constantName turns ErrNetworkFS into NETWORK_FS.
func constantName(name string) string {
	name = strings.TrimPrefix(name, "Err")
	return strings.ToUpper(regexp.MustCompile("([a-z])([A-Z])").ReplaceAllString(
		regexp.MustCompile("([A-Z])([A-Z][a-z])").ReplaceAllString(name, "${1}_$2"), "${1}_$2"))
}

// A report has a field for each of the library's struct.
func TestReportsAreWhole(t *testing.T) {
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeOf(stave.Stats{}), reflect.TypeOf((*native.StaveStats)(nil))},
		{reflect.TypeOf(stave.FileInfo{}), reflect.TypeOf((*native.StaveFileInfo)(nil))},
		{reflect.TypeOf(stave.Progress{}), reflect.TypeOf((*native.StaveProgress)(nil))},
		{reflect.TypeOf(stave.BackupReport{}), reflect.TypeOf((*native.StaveBackupReport)(nil))},
		{reflect.TypeOf(stave.VerifyReport{}), reflect.TypeOf((*native.StaveVerifyReport)(nil))},
		{reflect.TypeOf(stave.RepairReport{}), reflect.TypeOf((*native.StaveRepairReport)(nil))},
		{reflect.TypeOf(stave.LogEvent{}), reflect.TypeOf((*native.StaveLogEvent)(nil))},
		{reflect.TypeOf(stave.OptionInfo{}), reflect.TypeOf((*native.StaveOptionInfo)(nil))},
	} {
		getters := 0
		for i := 0; i < pair[1].Elem().NumMethod(); i++ {
			if strings.HasPrefix(pair[1].Elem().Method(i).Name, "Get") {
				getters++
			}
		}
		if getters != pair[0].NumField() || getters == 0 {
			t.Errorf("%v has %d fields, and the library's %d", pair[0], pair[0].NumField(), getters)
		}
	}
}

func TestItIsOfOneVersion(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	must(t, err)
	header, err := os.ReadFile("../../include/stave/stave.h")
	must(t, err)
	number := func(part string) string {
		return string(regexp.MustCompile("STAVE_VERSION_" + part + " ([0-9]+)").FindSubmatch(header)[1])
	}
	version := number("MAJOR") + "." + number("MINOR") + "." + number("PATCH")
	same(t, stave.LibraryVersion(), version)
	same(t, strings.Contains(string(readme), "stave.internal/stave@v"+version+" "), true)
	limits := regexp.MustCompile("STAVE_(KEY|VALUE)_SIZE_MAX ([0-9]+)u").FindAllSubmatch(header, -1)
	same(t, string(limits[0][2])+" "+string(limits[1][2]), "65535 4294836223")
	same(t, uint64(stave.KeySizeMax) == 65535 && uint64(stave.ValueSizeMax) == 4294836223, true)
}
