require_relative "support"

# The right exception, code and text; use after close.
class ErrorTest < StoreCase
  CODE = Stave::Code

  def test_codes_are_those_of_the_library
    assert_equal [0, 200, 400], [CODE::OK, CODE::BUSY, CODE::CORRUPT]
    assert_equal "BUSY", CODE.name_of(200)
    assert_operator CODE.constants.size, :>, 30
  end

  def test_every_error_is_one_to_rescue
    kinds = Stave.constants.map { |name| Stave.const_get(name) }
    errors = kinds.select { |kind| kind.is_a?(Class) && kind <= Exception }
    assert_operator errors.size, :>, 20
    errors.each { |kind| assert_includes kind.ancestors, Stave::Error }
  end

  def test_opening
    open { assert_error(Stave::Busy, CODE::BUSY, @path) { open } }
    assert_error(Stave::Exists, CODE::EXISTS, "store") { open(error_if_exists: true) }
    assert_error(Stave::NoStore, CODE::NO_STORE, "nothing") do
      Stave.open("#{@folder}/nothing", create_if_missing: false)
    end
    FileUtils.touch(file = "#{@folder}/file")
    assert_kind_of IOError, assert_error(Stave::StorageError, CODE::IO, file) { Stave.open(file) }
    assert_error(Stave::InvalidArgument, CODE::UNKNOWN_OPTION, '"sink"') { open(sink: "always") }
    assert_error(Stave::InvalidArgument, CODE::BAD_OPTION, "sync") { open(sync: "oft") }
    assert_raises(ArgumentError) { open(sync: "no\0ne") }
  end

  def test_texts_with_file_names_of_any_bytes_are_valid
    error = assert_error(Stave::NoStore, CODE::NO_STORE, "\\xFF") do
      Stave.open(@folder.b + "/\xFF".b, create_if_missing: false)
    end
    assert_predicate error.message, :valid_encoding?
  end

  def test_damage
    log = open do |db|
      db.update((0...100).map { |i| [i.to_s, "value" * 100] })
      db.sync
      log = Dir["#{@path}/*.log"].min
      File.open(log, "r+b") do |file|
        at = file.read.index("value")
        file.seek(at)
        file.write("V")
      end
      name = File.basename(log)
      assert_error(Stave::Corrupt, CODE::CORRUPT, name) { db["0"] }
      assert_error(Stave::Corrupt, CODE::CORRUPT, name) { db.to_a }
      assert_operator assert_error(Stave::Corrupt, CODE::CORRUPT, "") { db.verify }.report.problems,
                      :>, 0
      assert_equal "value" * 100, db["1"]
      name
    end
    assert_error(Stave::Corrupt, CODE::CORRUPT, log) { open }
    assert_equal true, Stave.repair(@path, read_only: true).changed
    assert_equal 1, Stave.repair(@path).lost_regions
    open { |db| assert_equal 99, db.size }
  end

  def test_read_only
    open do |db|
      db["k"] = "v"
      open(read_only: true) do |other|
        assert_equal "v", other["k"]
        assert_error(Stave::ReadOnly, CODE::READ_ONLY, "") { other["k"] = "" }
        db["k"] = "w"
        other.refresh
        assert_equal "w", other["k"]
      end
    end
  end

  def test_32_threads_failing_at_once_get_their_own_texts
    files = Array.new(32) { |number| "#{@folder}/file-#{number}-" }
    FileUtils.touch(files)
    closed = Stave.open("#{@folder}/closed", &:itself)
    open do |db|
      db["word"] = "no number"
      in_threads(32) do |number|
        too_long, absent = "k" * (70_000 + number), "absent #{number}"
        25.times do
          assert_error(Stave::InvalidArgument, CODE::KEY_TOO_LARGE, "#{70_000 + number} bytes") do
            db[too_long] = ""
          end
          assert_error(Stave::NotFound, CODE::NOT_FOUND, absent.inspect) { db.fetch(absent) }
          assert_error(Stave::NotANumber, CODE::NOT_A_NUMBER, "not a number") do
            db.increment("word")
          end
          assert_error(Stave::Closed, CODE::CLOSED, "closed") { closed[absent] }
          assert_error(Stave::StorageError, CODE::IO, files[number]) { Stave.open(files[number]) }
          assert_error(Stave::Conflict, CODE::CONFLICT, absent) do
            db.batch { |batch| batch.require_present(absent) }
          end
        end
      end
    end
  end
end

class CloseTest < StoreCase
  def test_twice
    db = open
    refute_predicate db, :closed?
    2.times { db.close }
    assert_predicate db, :closed?
    assert_includes db.inspect, "closed"
  end

  def test_the_block_form_closes_also_after_an_exception
    kept = nil
    assert_raises(ZeroDivisionError) { open { |db| 1 / (kept = db).count } }
    assert_predicate kept, :closed?
    assert_equal 7, open { 7 }
  end

  def test_a_native_handle_is_opened_once_and_used_only_then
    native = Stave.const_get(:Store).superclass
    open do |db|
      assert_error(Stave::InvalidArgument, Stave::Code::INVALID_ARGUMENT, "opened before") do
        db.send(:begin, "#{@folder}/other", "")
      end
    end
    [native.new, native.allocate, Stave::Store.allocate].each do |empty|
      assert_kind_of Stave::Error, assert_raises(StandardError) { empty.send(:lookup, "k") }
      assert_kind_of Stave::Error, assert_raises(StandardError) { empty.send(:store, "k", "v") }
    end
    [Stave::Batch, Stave::Snapshot].each do |kind|
      empty = kind.allocate
      call = kind == Stave::Batch ? -> { empty.put("k", "v") } : -> { empty.get("k") }
      assert_kind_of Stave::Error, assert_raises(StandardError, &call)
      empty.close
    end
  end

  def test_every_call_says_closed_afterwards
    db = batch = feed = nil
    open { |store| db, batch, feed = store, store.batch, store.feed }
    calls = [
      -> { db["k"] }, -> { db.get("k") }, -> { db.key?("k") }, -> { db.put("k", "") },
      -> { db["k"] = "" }, -> { db.delete("k") }, -> { db.to_a }, -> { db.size },
      -> { db.fetch("k") }, -> { db.values_at("k") }, -> { db.put_many([["k", ""]]) },
      -> { db.entry("k") },
      -> { db.ttl("k") }, -> { db.touch("k", 1) }, -> { db.persist("k") }, -> { db.keys },
      -> { db.get_and_set("k", "") }, -> { db.increment("k") }, -> { db.append("k", "") },
      -> { db.get_and_delete("k") }, -> { db.put_if_absent("k", "") }, -> { db.empty? },
      -> { db.compare_and_set("k", "", "") }, -> { db.put_if_version("k", 0, "") },
      -> { db.delete_if_version("k", 1) }, -> { db.delete_if_value("k", "") },
      -> { db.put("k", "", ttl: 1) }, -> { db.put("k", "", expires_at: 1e9) },
      -> { db.delete_range("a", "b") }, -> { db.delete_prefix("a") }, -> { db.clear },
      -> { db.sync }, -> { db.merge }, -> { db.merge_pause }, -> { db.merge_resume },
      -> { db.refresh },
      -> { db.verify }, -> { db.stats }, -> { db.files }, -> { db.progress },
      -> { db.rebuild_hints },
      -> { db.backup("#{@folder}/b") }, -> { db.checkpoint("#{@folder}/c") }, -> { db.snapshot },
      -> { db.feed }, -> { db.approximate_size }, -> { db.cursor }, -> { batch.write },
      -> { feed.next }, -> { db.log_events }, -> { db.batch { |b| b["k"] = "" } }
    ]
    calls.each_with_index do |call, number|
      error = assert_raises(Stave::Closed, "call #{number}", &call)
      assert_equal Stave::Code::CLOSED, error.code
      assert_includes error.message, "closed"
    end
  end

  def test_closed_batches_and_feeds
    open do |db|
      batch = db.batch
      2.times { batch.close }
      [-> { batch.write }, -> { batch.clear }, -> { batch.count }, -> { batch.put("k", "") },
       -> { batch.delete("k") }, -> { batch.require_absent("k") }].each do |call|
        assert_error(Stave::Closed, Stave::Code::CLOSED, "batch is closed", &call)
      end
      feed = db.feed
      2.times { feed.close }
      assert_error(Stave::Closed, Stave::Code::CLOSED, "feed is closed") { feed.next }
    end
  end

  def test_a_store_that_is_only_dropped_is_closed
    Thread.new { open["k"] = "v" }.join
    settled_handles(0)
    open { |db| assert_equal "v", db["k"] }
  end
end
