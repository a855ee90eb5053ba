require_relative "support"
require "rubygems/package"

# The gem as a whole: its README, its documentation, its files, its version.
class PackageTest < StoreCase
  def test_the_example_of_the_readme_prints_what_stands_there
    text = File.read("#{ROOT}/README.md", encoding: "UTF-8")
    example, output = text.match(/```ruby\n(.*?)```.*?```\n(.*?)```/m).captures
    assert_equal output, ruby("-e", example)
  end

  def documentation
    require "rdoc"
    rdoc = RDoc::RDoc.new
    options = RDoc::Options.new
    options.parse(["--quiet", "--coverage-report=0"])
    options.finish
    rdoc.options = options
    rdoc.store = RDoc::Store.new
    rdoc.store.options = options if rdoc.store.respond_to?(:options=)
    rdoc.instance_variable_set(:@stats, RDoc::Stats.new(rdoc.store, 0, 0))
    Dir.chdir(ROOT) { rdoc.parse_files(Dir["lib/**/*.rb"].sort) }
    rdoc.store
  rescue LoadError
    skip "no rdoc here. Install it: apt-get install ruby"
  end

  # Also what rdoc does not see, since the native module defines it.
  def test_every_public_method_is_documented
    found = documentation
    kinds = [Stave::Store, Stave::Batch, Stave::Snapshot, Stave::Feed, Stave::Cursor, Stave::View]
    kinds.each do |kind|
      written = kind.ancestors.filter_map { |place| found.find_class_or_module(place.name.to_s) }
      names = written.flat_map { |place| place.method_list + place.attributes + place.aliases }
                     .select { |method| method.documented? && method.document_self }.map(&:name)
      public = kind.public_instance_methods - Enumerable.instance_methods - Object.instance_methods
      assert_operator public.size, :>, 2
      assert_empty public.map(&:to_s) - names - %w[initialize_copy each_batch], kind
    end
  end

  def test_rdoc_finds_nothing_without_a_comment
    output, = Open3.capture2e("rdoc", "--coverage-report=0", "lib", chdir: ROOT)
    assert_match(/100(\.0+)?% documented/, output)
  rescue Errno::ENOENT
    skip "no rdoc here. Install it: apt-get install ruby"
  end

  def test_it_is_of_one_version
    # A gem of another minor version than the library's would be a mistake of who built it.
    own = Stave::VERSION[/\A\d+\.\d+\./]
    assert Stave.library_version.start_with?(own)
    native = Stave.send(:const_get, :Native)
    assert_equal own, "#{native::STAVE_VERSION_MAJOR}.#{native::STAVE_VERSION_MINOR}."
  end

  def test_the_gem_has_all_files_and_builds
    specification = Gem::Specification.load("#{ROOT}/stave.gemspec")
    needed = %w[README.md ext/stave/extconf.rb ext/stave/generated/native_wrap.cpp lib/stave.rb
                lib/moneta/adapters/stave.rb]
    assert_empty needed - specification.files
    assert_empty Dir["lib/**/*", base: ROOT].grep(/\.rb\z/) - specification.files
    refute(specification.files.any? { |file| file.start_with?("test/", "bench/") })
    FileUtils.cp_r(ROOT, copy = "#{@folder}/gem")
    Open3.capture2e("gem", "build", "stave.gemspec", chdir: copy).then do |output, status|
      assert status.success?, output
      refute_match(/WARNING:  (?!no homepage|See )/, output)
    end
  end

  def test_polyglot
    store = "#{@folder}/poly"
    %w[ruby c].each { |language| ruby("#{ROOT}/test/polyglot.rb", "write", store, language) }
    assert_equal "c 180\nruby 180\n", ruby("#{ROOT}/test/polyglot.rb", "read", store)
    assert_equal "360\n", ruby("#{ROOT}/test/polyglot.rb", "watch", store)
    key = "c\0\0\0\0\x03".b
    # Of each kind of fault one: a value, a key too many, one too few.
    [->(db) { db[key] = "other" }, ->(db) { db["c\0\0\0\0\x09".b] = "" },
     ->(db) { db.delete(key) }].each do |spoil|
      kept = "#{store}.kept"
      FileUtils.cp_r(store, kept)
      Stave.open(kept, &spoil)
      paths = $LOAD_PATH.flat_map { |path| ["-I", path] }
      output, status = Open3.capture2e(RbConfig.ruby, *paths, "#{ROOT}/test/polyglot.rb", "read",
                                       kept)
      assert_equal 1, status.exitstatus
      assert_match(/^error: /, output)
      FileUtils.remove_entry(kept)
    end
  end
end
