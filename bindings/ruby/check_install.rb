# Builds the gem as its users do, against an installed libstave, installs it into a folder of its
# own, and runs the README's example with it.
#
# usage: check_install.rb CMAKE BUILD-FOLDER LIBDIR
require "fileutils"
require "open3"
require "rbconfig"
require "tmpdir"

def run(environment, *command, chdir:)
  output, status = Open3.capture2e(environment, *command, chdir: chdir)
  abort "error: #{command.join(" ")}: #{status}\n#{output}" unless status.success?
  output
end

cmake, build, libdir = ARGV
here = __dir__
ruby = RbConfig.ruby
%w[make g++].each do |tool|
  next if system(tool, "--version", out: File::NULL, err: File::NULL)
  puts "skipped: bindings.ruby.install: no #{tool} here. Install: apt-get install build-essential"
  exit
end

Dir.mktmpdir("stave-install-") do |folder|
  prefix, source, home = %w[prefix source home].map { |name| File.join(folder, name) }
  run({}, cmake, "--install", build, "--prefix", prefix, chdir: folder)
  FileUtils.mkdir(source)
  FileUtils.cp_r(%w[README.md ext lib stave.gemspec].map { |name| File.join(here, name) }, source)
  environment = {
    "GEM_HOME" => home, "GEM_PATH" => home, "RUBYLIB" => nil, "RUBYOPT" => nil,
    "PKG_CONFIG_PATH" => File.join(prefix, libdir, "pkgconfig"),
    "LD_LIBRARY_PATH" => File.join(prefix, libdir)
  }
  gem = [ruby, "-S", "gem"]
  run(environment, *gem, "build", "stave.gemspec", "-o", "stave.gem", chdir: source)
  run(environment, *gem, "install", "--local", "--no-user-install", "--no-document",
      "stave.gem", chdir: source)
  loaded = run(environment, ruby, "-e", 'require "stave"; puts $LOADED_FEATURES.grep(/stave/)',
               chdir: folder)
  own = File.realpath(home)
  strangers = loaded.lines.reject { |line| File.realpath(line.chomp).start_with?(own) }
  abort "error: not of the gem: #{strangers.join}" unless strangers.empty?
  example, output = File.read(File.join(here, "README.md"), encoding: "UTF-8")
                        .match(/```ruby\n(.*?)```.*?```\n(.*?)```/m).captures
  found = run(environment, ruby, "-W", "-e", example, chdir: folder)
  abort "error: the README's example printed #{found.inspect}" unless found == output
  # Without libstave the compilation says what is missing.
  environment["PKG_CONFIG_PATH"] = environment["PKG_CONFIG_LIBDIR"] = folder
  told, status = Open3.capture2e(environment, ruby, File.join(source, "ext/stave/extconf.rb"),
                                 chdir: folder)
  refused = !status.success? && told.include?("finds no libstave")
  abort "error: extconf.rb without libstave: #{told}" unless refused
  puts "built, installed, ran"
end
