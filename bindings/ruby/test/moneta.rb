require_relative "support"
begin
  require "moneta/adapters/stave"
rescue LoadError => error
  raise unless error.path == "moneta"
  # ctest shows it as a skipped test.
  puts "skipped: bindings.ruby.moneta: no moneta here. Install it: apt-get install ruby-moneta"
  $stdout.flush
  exit!(0) # without minitest, which would have nothing to run
end

# The adapter, by itself and in the builder's stack of proxies.
class MonetaTest < StoreCase
  def adapter(**options)
    adapter = Moneta::Adapters::Stave.new(dir: "#{@folder}/a/b", **options)
    yield adapter
  ensure
    adapter&.close
  end

  def test_the_calls_of_an_adapter
    adapter do |store|
      assert_equal "v", store.store("k", "v")
      assert_equal "v", store.load("k")
      assert_equal "v", store["k"]
      store["l"] = "w\0\xFF".b
      assert_equal "w\0\xFF".b, store.fetch("l", nil)
      assert_equal "d", store.fetch("none", "d")
      assert_nil store.load("none")
      assert_equal [true, false], [store.key?("k"), store.key?("none")]
      assert_equal ["v", nil], store.values_at("k", "none")
      assert_equal %w[k l], store.each_key.to_a
      assert_equal store, store.each_key { |key| assert_includes %w[k l], key }
      assert_equal "v", store.delete("k")
      assert_nil store.delete("k")
      store.merge!({"a" => "1", "l" => "2"}) { |_key, old, new| old + new }
      assert_equal ["1", "w\0\xFF2".b], store.values_at("a", "l")
      assert_equal [["a", "1"]], store.slice("a", "none")
      assert_equal store, store.clear
      assert_empty store.each_key.to_a
    end
  end

  def test_create_and_increment_are_one_step_each
    adapter do |store|
      created = Queue.new
      in_threads(4) do |number|
        100.times { |i| created << i if store.create("key#{i}", number.to_s) }
        100.times { |i| created << 1000 + i if store.create("gone#{i}", "v", expires: 60) }
        250.times { store.increment("n") }
      end
      assert_equal [*0...100, *1000...1100], Array.new(created.size) { created.pop }.sort
      assert_equal [1000, 990], [store.increment("n", 0), store.decrement("n", 10)]
      store["word"] = "no number"
      assert_raises(ArgumentError) { store.increment("word") }
      assert_equal %i[expires create increment each_key].sort, store.features.sort
    end
  end

  def test_expiry
    adapter(expires: 3600) do |store|
      near = ->(seconds, key) { assert_in_delta seconds, store.backend.ttl(key), 60 }
      store["default"] = "v"
      near.(3600, "default")
      store.store("own", "v", expires: 100)
      near.(100, "own")
      store.store("never", "v", expires: false)
      assert_nil store.backend.ttl("never")
      assert store.create("made", "v", expires: 200)
      near.(200, "made")
      store.increment("number")
      near.(3600, "number")
      assert store.key?("own", expires: 300)
      near.(300, "own")
      assert_equal "v", store.load("own", expires: 0)
      assert_nil store.backend.ttl("own")
      assert_equal ["v", nil], store.values_at("never", "none", expires: 10)
      near.(10, "never")
      store.store("soon", "v", expires: 0.01)
      sleep 0.05
      assert_equal [nil, false], [store.load("soon"), store.key?("soon")]
      assert_raises(ArgumentError) { store.store("k", "v", expires: -1) }
    end
  end

  def test_in_the_stack_of_a_program
    options = {dir: @path, sync: "none"}
    moneta = Moneta.new(:Stave, **options)
    moneta["objects"] = {list: [1, 2.5, nil], text: "ä"}
    moneta.store("short", 7, expires: 0.01)
    sleep 0.05
    assert_equal [{list: [1, 2.5, nil], text: "ä"}, nil], [moneta["objects"], moneta["short"]]
    assert_equal ["objects"], moneta.each_key.to_a
    moneta.close
    moneta = Moneta.new(:Stave, expires: true, **options)
    assert_equal({list: [1, 2.5, nil], text: "ä"}, moneta["objects"])
    moneta.close
  end

  def test_a_store_that_is_open_already
    open do |db|
      store = Moneta::Adapters::Stave.new(backend: db)
      store["k"] = "v"
      assert_equal "v", db["k"]
    end
    assert_raises(ArgumentError) { Moneta::Adapters::Stave.new }
  end

  def test_require_stave_does_not_load_moneta
    assert_equal "nil\n", ruby("-e", 'require "stave"; p defined?(Moneta)')
  end
end
