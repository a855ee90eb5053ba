require_relative "support"

# The collector runs at every allocation, also those of the native module between a call and its
# result.
class StressTest < StoreCase
  def teardown
    GC.stress = false
    super
  end

  def stressed
    GC.stress = true
    yield
  ensure
    GC.stress = false
  end

  def test_every_kind_of_call
    long = "l" * 5000
    open do |db|
      db.update((0...20).map { |i| ["%02d" % i, "v#{i}"] })
      stressed do
        db["k"] = "v"
        db[+"K" * 600] = +"V" * 600
        db[long] = long * 10
        assert_equal ["v", "V" * 600, long * 10], [db["k"], db["K" * 600], db[long]]
        assert_equal ["v", nil, long * 10], db.values_at("k", "none", long)
        assert_equal 2, db.put_many({"m1" => "1", "m2" => long})
        assert_equal [["00", "v0"], ["01", "v1"]], db.each(limit: 2).to_a
        assert_equal "v1", db.each_item(from: "01", limit: 1).first.value
        db.cursor(:keys) { |cursor| assert_equal "05", cursor.seek("05").next }
        db.batch { |batch| batch.put("b", long).delete("k") }
        db.snapshot { |snapshot| assert_equal long, snapshot["b"] }
        db.feed { |feed| assert_equal "00", feed.next.key }
        assert_equal long, db.get_and_delete("b")
        assert_raises(Stave::NotFound) { db.fetch("none" * 300) }
        assert_raises(Stave::NotANumber) { db.increment(long) }
        assert_equal 24, db.stats.keys
        assert_raises(Stave::InvalidArgument) { open(nonsense: 1) }
      end
    end
  end

  def test_threads_whose_strings_die_during_calls
    open(sync: "none") do |db|
      ended = false
      collector = Thread.new { GC.start(full_mark: false) && Thread.pass until ended }
      in_threads(4) do |number|
        100.times do |count|
          db.put(+"#{number}-#{count}" * 200, +"x" * 5000, sync: count % 10 == 0)
          assert_equal "x" * 5000, db[+"#{number}-#{count}" * 200]
          cycle = [db.cursor, db.snapshot, db.batch, db.feed] # which only the collector frees
          cycle << cycle
          cycle[0].next
        end
      end
      ended = true
      collector.join
      assert_equal 400, db.size
    end
  end

  def test_strings_that_other_threads_change_during_calls
    open(sync: "none") do |db|
      [20, 400, 1 << 20].each do |size|
        key, value, ended = +"a" * 300, +"a" * size, false
        others = [Thread.new { value.tr!("ab", "ba") && Thread.pass until ended },
                  Thread.new { value.replace("a" * size) && Thread.pass until ended },
                  Thread.new { key.tr!("ab", "ba") && Thread.pass until ended }]
        200.times { db[key] = value }
        ended = true
        others.each(&:join)
        db.each do |found, stored| # each as it was at one moment
          assert_includes ["a" * 300, "b" * 300], found
          assert ["a" * size, "b" * size].include?(stored), "a value of #{size} bytes is torn"
        end
        db.clear
      end
    end
  end

  def test_compaction_moves_nothing_that_is_lent
    skip "this ruby cannot compact" unless GC.respond_to?(:compact)
    open(sync: "none") do |db|
      ended = false
      collector = Thread.new { GC.compact && sleep(0.001) until ended }
      in_threads(2) do |number|
        300.times do |count|
          key, value = "#{number}-#{count}", "#{count}" * 3
          db.put(key, value, sync: count % 30 == 0)
          assert_equal value, db[key]
          assert_equal [value], db.values(prefix: key, limit: 1)
        end
      end
      ended = true
      collector.join
    end
  end
end
