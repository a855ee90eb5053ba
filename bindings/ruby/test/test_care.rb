require_relative "support"

# Expiry, conditions, ranges, batches, feeds, backups, reports.
class CareTest < StoreCase
  def test_times_to_live
    open do |db|
      db.put("s", "v", ttl: 3600)
      db.put("r", "v", ttl: 3600r, sync: true)
      db.put("u", "v", expires_at: Time.now.to_i + 3600)
      db.put("z", "v", expires_at: Time.now + 3600)
      db.batch { |batch| batch.put("b", "v", expires_at: Time.now + 3600) }
      %w[s r u z b].each do |key|
        assert_includes 3000..3601, db.ttl(key)
        assert_in_delta Time.now.to_f + 3600, db.entry(key).expires_at.to_f, 600
      end
      db.touch("s", 7200)
      assert_operator db.ttl("s"), :>, 3600
      db.persist("s")
      assert_nil db.ttl("s")
      assert_nil db.entry("s").expires_at
      db.put("gone", "v", expires_at: 1)
      refute db.key?("gone")
      [{ttl: -1}, {ttl: 0}, {ttl: 1, expires_at: 1}, {expires_at: -1}].each do |wrong|
        assert_raises(ArgumentError) { db.put("k", "", **wrong) }
      end
      assert_raises(RangeError) { db.put("k", "", ttl: 1e30) }
      assert_raises(TypeError) { db.put("k", "", ttl: "5") }
      assert_raises(TypeError) { db.increment("k", 1.5) }
      assert_nil db["k"]
    end
    open("expiry.default_ttl": "1h") do |db|
      db["default"] = "v"
      ["2030-01-01", :soon, [1]].each do |wrong|
        assert_raises(TypeError, wrong.inspect) { db.put("k", "v", expires_at: wrong) }
      end
      db.put("never", "v", expires_at: false)
      assert_equal [true, nil], [db.ttl("default").positive?, db.ttl("never")]
    end
  end

  def test_conditional_writes
    open do |db|
      assert_equal [true, false], [db.put_if_absent("k", "1"), db.put_if_absent("k", "2")]
      assert_equal false, db.compare_and_set("k", "2", "3")
      assert_equal true, db.compare_and_set("k", "1", "3", sync: true)
      entry = db.entry("k")
      assert_equal "3", entry.value
      version = db.put_if_version("k", entry.version, "4")
      assert_operator version, :>, entry.version
      assert_error(Stave::Conflict, Stave::Code::CONFLICT, "nothing was written") do
        db.put_if_version("k", entry.version, "5")
      end
      assert_equal false, db.delete_if_value("k", "3")
      assert_equal false, db.delete_if_version("k", entry.version)
      assert_equal true, db.delete_if_version("k", version)
      assert_operator db.put_if_version("k", 0, "6"), :>, version
      assert_equal true, db.delete_if_value("k", "6")
      assert_raises(RangeError) { db.put_if_version("k", -1, "") }
      assert_raises(RangeError) { db.put_if_version("k", 2**64, "") }
      assert_nil db.get_and_set("k", "7")
      assert_equal "7", db.get_and_set("k", "")
      assert_equal "", db.get_and_delete("k")
      assert_nil db.get_and_delete("k")
      assert_nil db.entry("k")
      assert_equal false, db.delete("k")
      db["k"] = ""
      assert_equal true, db.delete("k", sync: true)
    end
  end

  def test_numbers_and_appends
    open do |db|
      assert_equal 1, db.increment("n")
      assert_equal(-42, db.increment("n", -43))
      assert_equal "-42", db["n"]
      assert_equal 258, db.increment("b", 258, binary: true)
      assert_equal [258].pack("q<"), db["b"]
      db["n"] = (2**63 - 2).to_s
      assert_equal 2**63 - 1, db.increment("n")
      assert_error(Stave::Overflow, Stave::Code::OVERFLOW, "") { db.increment("n") }
      assert_raises(RangeError) { db.increment("n", 2**63) }
      assert_equal 4, db.append("a", "one,")
      assert_equal 7, db.append("a", "two", sync: true)
      assert_equal "one,two", db["a"]
    end
  end

  def test_batches
    open do |db|
      db["old"] = "1"
      result = db.batch(sync: true) do |batch|
        batch["new"] = "2"
        batch.delete("old")
        batch.require_absent("new")
        batch.require_present("old")
        batch.require_value("old", "1")
        batch.require_version("old", db.entry("old").version)
        batch.count
      end
      assert_equal 2, result
      assert_equal({"new" => "2"}, db.to_h)
      assert_error(Stave::Conflict, Stave::Code::CONFLICT, '"new"') do
        db.batch { |batch| batch.put("other", "3").require_absent("new") }
      end
      assert_raises(ZeroDivisionError) { db.batch { |batch| batch["other"] = (1 / 0).to_s } }
      batch = db.batch
      batch.put("a", "b").delete("new")
      assert_equal 2, batch.size
      batch.clear
      batch["c"] = "d"
      2.times { batch.write }
      batch.close
      assert_equal({"c" => "d", "new" => "2"}, db.to_h)
    end
  end

  def test_ranges_are_deleted_and_counted
    open do |db|
      letters = ["a", "b", "c", "\xFF".b]
      db.update(letters.product([*0..9]).map { |letter, i| ["#{letter}#{i}", "v" * 100] })
      assert_equal 40, db.count
      assert_equal 10, db.count(prefix: "b")
      assert_equal 10, db.count(prefix: "\xFF".b)
      assert_equal 5, db.count(from: "c5", prefix: "c")
      assert_equal 0, db.count(from: "d", prefix: "c")
      assert_operator db.approximate_size(prefix: "b"), :>, 0
      assert_equal 0, db.approximate_size(prefix: "b", from: "c")
      db.delete_prefix("b")
      db.delete_range("a5", "c5", sync: true)
      assert_equal %w[a0 a1 a2 a3 a4], db.keys(prefix: "a")
      assert_equal 20, db.size
      db.delete_range("c5".."c7").delete_range("c8"...)
      assert_equal 5, db.size
      assert_error(Stave::InvalidArgument, Stave::Code::INVALID_ARGUMENT, "") do
        db.delete_range("b", "a")
      end
    end
  end

  def test_a_feed_gives_operations_in_their_order
    open do |db|
      db.feed do |feed|
        db["a"] = "1"
        db.put("b", "2", expires_at: 4_000_000_000.5)
        db.batch { |batch| batch.put("c", "3").delete("a") }
        db.delete_range("x", "z")
        changes = feed.to_a
        assert_equal [[:put, "a", "1", false], [:put, "b", "2", false], [:put, "c", "3", true],
                      [:delete, "a", "", false], [:delete_range, "x", "z", false]],
                     changes.map { |c| [c.kind, c.key, c.value, c.more?] }
        assert_equal [nil, Time.at(4_000_000_000.5), nil, nil, nil], changes.map(&:expires_at)
        assert_equal [], feed.to_a
        db["later"] = "x" * 100_000
        assert_equal ["x" * 100_000], feed.map(&:value)
        db.feed(after: changes.last.seq) do |other|
          assert_equal ["later"], other.map(&:key)
          assert_nil other.next(timeout: 0.25)
        end
      end
      assert_error(Stave::InvalidArgument, Stave::Code::INVALID_ARGUMENT, "") do
        db.feed(after: 2**40)
      end
    end
  end

  def test_backup_checkpoint_and_repair
    open do |db|
      db.update((0...100).map { |i| [i.to_s, "v"] })
      report = db.backup("#{@folder}/backup", copy: true)
      assert_equal db.stats.last_seq, report.last_seq
      assert_operator report.files_copied, :>, 0
      db.checkpoint("#{@folder}/checkpoint")
      assert_error(Stave::Exists, Stave::Code::EXISTS, "checkpoint") do
        db.checkpoint("#{@folder}/checkpoint")
      end
      %w[backup checkpoint].each do |name|
        Stave.open("#{@folder}/#{name}") { |copy| assert_equal db.to_h, copy.to_h }
      end
    end
    report = Stave.repair(@path)
    assert_equal [false, false], [report.changed, report.manifest_rebuilt?]
    assert_equal "", report.first_problem
    assert_raises(Stave::NoStore) { Stave.repair("#{@folder}/nothing") }
  end

  def test_reports
    open(read_only: false, "merge.triggers.dead_bytes": "1GiB") do |db|
      db["k"] = "v"
      db["k"] = "w"
      db.merge
      stats = db.stats
      assert_equal [1, 2, 1, ""], [stats.keys, stats.puts, stats.merges, stats.merge_last_error]
      assert_equal [false, false, false], [stats.read_only, stats.merge_paused?, stats.poisoned]
      assert_predicate stats, :frozen?
      assert_equal 0, db.verify.problems
      notes = db.files.map(&:merge_note)
      assert(notes.all? { |note| note != "" && note.encoding == Encoding::UTF_8 })
      assert_equal [false, ""], [db.progress.active, db.progress.task]
      db.merge(uncapped: true, sort: true)
      assert_equal({"k" => "w"}, db.to_h)
      db.merge_pause
      assert_equal true, db.stats.merge_paused
      db.merge_resume
      db.rebuild_hints
      db.sync
      assert_equal db.stats.last_seq, db.stats.durable_seq
    end
  end

  def test_log_events
    open { |db| db["k"] = "v" }
    log = Dir["#{@path}/*.log"].min
    FileUtils.cp(log, "#{@path}/0000009999.log")
    open do |db|
      events = db.log_events
      assert(events.any? { |event| event.message.include?("0000009999.log") }, events.inspect)
      assert_equal [], db.log_events
    end
    FileUtils.cp(log, "#{@path}/0000009998.log")
    closed = open { |db| db }
    assert(closed.log_events.any? { |event| event.message.include?("9998.log") })
    assert_raises(Stave::Closed) { closed.log_events }
  end

  def test_options_are_listed_and_taken
    options = Stave.options.to_h { |option| [option.name, option] }
    assert_equal "true", options["create_if_missing"].default_value
    assert options["merge.triggers.dead_bytes"].description.valid_encoding?
    open("merge.triggers.dead_bytes" => "1GiB", sync: :always) do |db|
      db["k"] = "v"
      assert_equal db.stats.last_seq, db.stats.durable_seq
    end
  end
end
