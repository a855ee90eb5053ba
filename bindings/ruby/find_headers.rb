# Prints where this ruby's headers are and how its native modules end, if it will do.
require "minitest"
require "rbconfig"

config = RbConfig::CONFIG
folders = config.values_at("rubyhdrdir", "rubyarchhdrdir")
exit 1 if RUBY_VERSION < "3.0" || !File.exist?("#{folders[0]}/ruby.h") ||
          !File.exist?("#{folders[1]}/ruby/config.h")
puts [*folders, config["DLEXT"]].join(";")
