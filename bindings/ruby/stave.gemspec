require_relative "lib/stave/version"

Gem::Specification.new do |gem|
  gem.name = "stave"
  gem.version = Stave::VERSION
  gem.summary = "An embedded key-value store in the Bitcask family"
  gem.description = "Ruby's binding of libstave: a Hash of bytes in a directory, with batches, " \
                    "snapshots, ordered walks, expiry, conditional writes and a change feed."
  gem.authors = ["The stave authors"]
  gem.license = "MIT"
  gem.required_ruby_version = ">= 3.0"
  gem.files = Dir.chdir(__dir__) do
    Dir["lib/**/*.rb", "ext/stave/extconf.rb", "ext/stave/generated/*.cpp", "README.md"].sort
  end
  gem.extensions = ["ext/stave/extconf.rb"]
  gem.extra_rdoc_files = ["README.md"]
  gem.rdoc_options = ["--main", "README.md"]
end
