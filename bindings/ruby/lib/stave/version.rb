module Stave
  # The version of this gem: its first two numbers are those of the libstave that it is for.
  VERSION = "0.1.0"
end
