require_relative "support"

# Keys and values of all kinds.
class Bytes < StoreCase
  ALL = (0..255).to_a.pack("C*").freeze

  def test_binary_keys_and_values_come_back_as_they_were
    open do |db|
      ["\0", "\0\0", ALL, "\xFF" * 9, "käse"].each { |key| db[key] = ALL + key.b }
      db.each do |key, value|
        assert_equal ALL + key, value
        assert_equal value, db[key]
        assert_equal [Encoding::BINARY] * 2, [key.encoding, value.encoding]
      end
      assert_equal 5, db.size
      assert db.key?("käse".b)
    end
  end

  def test_long_keys
    open do |db|
      lengths = [511, 512, 513, 1025, 4097, Stave::KEY_SIZE_MAX]
      lengths.each { |length| db["k" * length] = length.to_s }
      lengths.each { |length| assert_equal length.to_s, db["k" * length] }
      assert_equal lengths, db.keys.map(&:bytesize)
      assert_error(Stave::InvalidArgument, Stave::Code::KEY_TOO_LARGE, "65536 bytes") do
        db["k" * (Stave::KEY_SIZE_MAX + 1)] = ""
      end
    end
  end

  def test_the_empty_key_is_refused_by_every_call
    open do |db|
      %i[get [] key? delete increment ttl entry fetch persist].each do |call|
        assert_error(Stave::InvalidArgument, Stave::Code::EMPTY_KEY, "empty") do
          db.public_send(call, "")
        end
      end
      assert_error(Stave::InvalidArgument, Stave::Code::EMPTY_KEY, "empty") { db[""] = "v" }
    end
  end

  def test_values_from_empty_to_larger_than_every_buffer
    # 512: what is copied to the stack; 4096: the room of a get; 32768: the buffer of an iterator.
    lengths = [0, 1, 23, 24, 512, 513, 4095, 4096, 4097, 32767, 32769, 3 << 20]
    open do |db|
      values = lengths.map { |length| Random.bytes(length) }
      keys = lengths.map { |length| "%08d" % length }
      db.put_many(keys.zip(values))
      assert_equal keys.zip(values), db.to_a
      assert_equal values, keys.map { |key| db[key] }
      assert_equal values, db.values_at(*keys)
      db.snapshot { |snapshot| assert_equal values, keys.map { |key| snapshot[key] } }
    end
  end

  def test_what_becomes_a_string_goes_in_and_all_else_is_a_type_error
    like_a_string = Object.new
    def like_a_string.to_str = "name"
    open do |db|
      db[like_a_string] = like_a_string
      assert_equal "name", db["name"]
      db.clear
      [nil, 5, :symbol, Object.new, ["a"]].each do |wrong|
        [-> { db[wrong] }, -> { db.get(wrong) }, -> { db.key?(wrong) }, -> { db.delete(wrong) },
         -> { db[wrong] = "x" }, -> { db["x"] = wrong }, -> { db.put("x", wrong, sync: true) },
         -> { db.values_at(wrong) }, -> { db.put_many([["x", wrong]]) }, -> { db.fetch(wrong) },
         -> { db.compare_and_set("x", wrong, "") }, -> { db.batch { |b| b[wrong] = "" } },
         -> { db.append("x", wrong) }, -> { db.delete_prefix(wrong) }].each do |call|
          assert_raises(TypeError, &call)
        end
      end
      assert_raises(TypeError) { db.prefix(5).to_a }
      assert_raises(TypeError) { db.count(from: 5) }
      assert_raises(TypeError) { db.put_many(nil) }
      assert_raises(ArgumentError) { db.put_many([["no pair"]]) }
      assert_empty db
    end
    [nil, 5].each { |wrong| assert_raises(TypeError) { Stave.open(wrong) } }
  end

  def test_strings_may_be_frozen_shared_or_changed_afterwards
    open do |db|
      long = "abcdefghij" * 200
      db[long[1..1500].freeze] = long[10..]
      assert_equal long[10..], db[long[1..1500]]
      key, value = +"k" * 600, +"v" * 600
      db[key] = value
      key << "!"
      value << "!"
      assert_equal "v" * 600, db["k" * 600]
      assert_equal 601, key.size
    end
  end

  def test_paths_of_all_kinds
    ["zu Ä ü 漢字", "no utf \xFF\xFE".b, Pathname("path name")].each do |name|
      path = name.is_a?(Pathname) ? Pathname(@folder) + name : File.join(@folder.b, name.b)
      Stave.open(path) do |db|
        db["k"] = "v"
        assert File.directory?(path)
        db.backup("#{path}.copy")
        assert File.directory?("#{path}.copy")
      end
    end
    assert_raises(ArgumentError) { Stave.open("a\0b") }
    assert_error(Stave::NoStore, Stave::Code::NO_STORE, "漢字") do
      Stave.open(File.join(@folder, "漢字"), create_if_missing: false)
    end
  end
end

# The ways of a Hash.
class AsHash < StoreCase
  def test_it_answers_like_a_hash
    open do |db|
      [db, model = {}].each do |hash|
        hash.update((0...300).to_h { |i| [i.to_s, "v#{i}"] })
        assert_equal "seven", hash.store("7", "seven")
        hash.delete("8")
        assert_equal "v9", hash["9"]
        assert_nil hash["none"]
        assert_equal "v9", hash.fetch("9")
        assert_equal "d", hash.fetch("none", "d")
        assert_nil hash.fetch("none", nil)
        assert_equal "none!", hash.fetch("none") { |key| "#{key}!" }
        assert_equal "none", assert_raises(KeyError) { hash.fetch("none") }.key
        assert_equal ["v1", nil, "v1"], hash.values_at("1", "none", "1")
        assert_equal %w[v1 x], hash.fetch_values("1", "none") { "x" }
        assert_raises(KeyError) { hash.fetch_values("1", "none") }
        assert_equal [false, true], [hash.key?("8"), hash.include?("9")]
        assert_equal [true, false], [hash.has_key?("9"), hash.member?("8")]
        refute_empty hash
        assert_equal 299, hash.size
        assert_equal 299, hash.count
        assert_equal 2, hash.count { |key, _value| %w[1 2].include?(key) }
        assert_equal 1, hash.count(%w[1 v1])
      end
      assert_equal model, db.to_h
      assert_equal model.sort, db.to_a
      assert_equal model.keys.sort, db.keys
      assert_equal %w[0 v0], db.first
      assert_equal model.sort.last(3).reverse, db.reverse_each.first(3)
      assert_equal model.sort.map { |_, value| value }, db.values
      assert_equal db, db.clear
      assert_empty db
      assert_nil db.first
    end
  end

  def test_not_found_names_the_key
    open do |db|
      db.snapshot do |snapshot|
        [-> { db.fetch("\0q") }, -> { snapshot.fetch("\0q") }, -> { db.ttl("\0q") },
         -> { db.touch("\0q", 1) }, -> { db.compare_and_set("\0q", "", "") },
         -> { db.delete_if_value("\0q", "") }].each do |call|
          error = assert_error(Stave::NotFound, Stave::Code::NOT_FOUND, '"\u0000q"', &call)
          assert_equal "\0q", error.key
          assert_kind_of KeyError, error
        end
      end
    end
  end

  def test_many_at_once
    open do |db|
      assert_equal 1000, db.put_many((0...1000).lazy.map { |i| [i.to_s, "v#{i}"] })
      assert_equal ["v5", nil, "v999"], db.values_at("5", "none", "999")
      assert_equal [], db.values_at
      assert_equal 0, db.put_many([])
      assert_error(Stave::InvalidArgument, Stave::Code::EMPTY_KEY, "key 1 of 2") do
        db.put_many([["new", ""], ["", ""]], sync: false)
      end
      refute db.key?("new")
    end
  end

  def test_an_enumerator_is_stored_in_pieces
    open do |db|
      pairs = Enumerator.new do |to|
        1000.times do |i|
          to << [i.to_s, "v"]
          assert_operator i - db.size, :<, 256
        end
        raise ZeroDivisionError
      end
      assert_raises(ZeroDivisionError) { db.put_many(pairs) }
      assert_equal 768, db.size
      assert_equal 1000, db.put_many((0...1000).each_entry.lazy.map { |i| [i.to_s, "w"] }, sync: true)
      assert_equal ["w"], db.values.uniq
    end
  end

  def test_copies_are_refused
    open do |db|
      [db, db.batch, db.feed, db.cursor, db.snapshot].each do |handle|
        assert_raises(TypeError) { handle.dup }
        handle.close
      end
    end
  end
end
