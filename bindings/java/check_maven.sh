#!/usr/bin/env bash
# Builds the package by its pom with what Debian has, offline, runs some of its tests, and runs a
# program with the jar.
#   usage: check_maven.sh JAVA-BIN NATIVES
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export JAVA_HOME=${1%/bin}
natives=$2

repository=/usr/share/maven-repo
wanted=(
  maven libbuild-helper-maven-plugin-java libmaven-compiler-plugin-java libmaven-jar-plugin-java
  libmaven-resources-plugin-java libsurefire-java junit4
)
if ! command -v mvn >/dev/null || [ ! -d $repository/junit/junit ] ||
  [ ! -d $repository/org/codehaus/mojo/build-helper-maven-plugin ] ||
  [ ! -d $repository/org/apache/maven/plugins/maven-surefire-plugin ]; then
  echo "skipped: bindings.java.maven: no Maven with Debian's plugins here." \
    "Install them: apt-get install ${wanted[*]}"
  exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Maven writes beside what it builds, and may write into its repository.
cp -r "$here" "$folder/java"
cp -rs $repository "$folder/repository"
cd "$folder/java"
mvn -B -q -s debian-settings.xml -Dmaven.repo.local="$folder/repository" \
  -Dstave.natives="$natives" -Dtest=CallsTest,ErrorsTest package
grep -h 'Tests run' target/surefire-reports/*.txt

cat >Run.java <<'JAVA'
class Run {
  public static void main(String[] arguments) {
    System.out.println("stave " + io.stave.Stave.version());
  }
}
JAVA
"$JAVA_HOME/bin/java" -cp target/stave-*.jar Run.java
