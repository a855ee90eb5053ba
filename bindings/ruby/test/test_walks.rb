require_relative "support"

# Walks, views and cursors.
class WalkTest < StoreCase
  def random_key(random, sizes)
    Array.new(random.rand(sizes)) { ["a", "b", "\xFF".b].sample(random: random) }.join.b
  end

  def random_where(random)
    where = %i[prefix from to].select { random.rand < 0.5 }
                              .to_h { |name| [name, random_key(random, 0..2)] }
    from, to = where.values_at(:from, :to)
    where.merge!(from: to, to: from) if from && to && !to.empty? && from > to
    where
  end

  def in_where?(key, prefix: nil, from: nil, to: nil)
    key.start_with?(prefix || "") && key >= (from || "") && (to.nil? || to.empty? || key < to)
  end

  def test_ranges_are_those_of_a_sorted_list
    random = Random.new(seed = Integer(ENV.fetch("STAVE_TEST_SEED") { Random.new_seed }))
    open do |db|
      keys = Array.new(60) { random_key(random, 1..4) }.uniq.sort
      db.update(keys.map { |key| [key, "v" + key] })
      300.times do
        where = random_where(random)
        told = "seed #{seed}, #{where}"
        wanted = keys.select { |key| in_where?(key, **where) }
        limit = [nil, 0, 1, 5].sample(random: random)
        view = db.view(**where)
        assert_equal wanted.size, db.count(**where), told
        assert_equal wanted.size, view.size, told
        assert_equal wanted.first(limit || 100), db.keys(**where, limit: limit), told
        assert_equal wanted.reverse, view.reverse.keys, told
        assert_equal wanted.reverse, db.keys(**where, reverse: true), told
        assert_equal wanted.map { |key| "v" + key }, db.values(**where), told
        assert_equal wanted, view.each_item.map(&:key), told
        assert_equal view.to_a, view.each_item.map { |item| [item.key, item.value] }, told
        more = random_where(random)
        both = wanted.select { |key| in_where?(key, **more) }
        assert_equal both, view.view(**more).keys, "#{told}, #{more}"
        assert_equal both.size, view.count(**more), "#{told}, #{more}"
      end
    end
  end

  def test_views_know_their_keys
    open do |db|
      db.update({"apple" => "1", "avocado" => "2", "banana" => "3", "k\u00e4se" => "4"})
      view = db.prefix("a")
      assert_includes view, "apple"
      refute_includes view, "banana"
      refute_includes view, "app"
      assert view.reverse.key?("avocado")
      assert db.range("a".."b").member?("avocado")
      refute view.limit(1).key?("avocado")
      assert view.limit(1).key?("apple")
      assert db.prefix("k").key?("k\u00e4se")
    end
  end

  def test_an_empty_end_is_not_no_end
    open do |db|
      db["a"] = db["b"] = "1"
      assert_raises(ArgumentError) { db.delete_range("a"..."") }
      assert_raises(ArgumentError) { db.range("a"..."") }
      assert_equal 2, db.count
    end
  end

  def test_ruby_ranges
    open do |db|
      keys = %w[a b b2 c d].each { |key| db[key] = key }
      top = "\xFF".b * Stave::KEY_SIZE_MAX
      db[top] = "top"
      ["b".."c", "b"..."c", "b".., .."b2", ..."b2", "x".."y", "c".."b"].each do |range|
        assert_equal keys.select { |key| range.cover?(key) }, db.range(range).keys - [top], range
      end
      assert_equal keys + [top], db.range(nil..nil).keys
      assert_equal [top], db.range("e"..top).keys
      assert_equal [], db.range("e"...top).keys
      assert_equal %w[c b2], db.range("b".."c", reverse: true, limit: 2).keys
      assert_equal %w[c b2 b], db.range("b".."c").reverse.keys
      assert_equal %w[b2], db.range("b".."c").prefix("b").range("b1"..).keys
    end
  end

  def test_walks_are_enumerators_and_lazy
    open do |db|
      db.update((0...2000).map { |i| ["%04d" % i, i.to_s] })
      assert_equal %w[0000 0002], db.each_key.lazy.select { |key| key.to_i.even? }.first(2)
      assert_equal [["0010", "10"]], db.prefix("001").lazy.first(1)
      enumerator = db.each(from: "1998")
      assert_equal [%w[1998 1998], %w[1999 1999]], [enumerator.next, enumerator.next]
      assert_raises(StopIteration) { enumerator.next }
      assert_equal 2000, db.each_value.count
      assert_equal ["0000", "0", 0], db.each.with_index.map { |(key, value), i| [key, value, i] }[0]
      assert_equal 20, db.each_slice(100).count
      assert_equal ["1999"], db.each_key(reverse: true, limit: 1).to_a
      assert_same db, db.each_pair { |key, _value| key }
    end
  end

  def test_a_walk_that_is_left_lets_go_at_once
    open do |db|
      db.update((0...1000).map { |i| [i.to_s, ""] })
      held = Stave.live_handles
      db.each { break }
      db.each_key.first(3)
      assert_raises(ZeroDivisionError) { db.each_value { 1 / 0 } }
      db.cursor { |cursor| cursor.next }
      catch(:out) { db.prefix("1").each { throw :out } }
      assert_equal held, Stave.live_handles
    end
  end

  def test_a_walk_sees_one_moment
    open do |db|
      db.update((0...2000).map { |i| ["%04d" % i, "old"] })
      walked = 0
      db.each do |key, value|
        assert_equal "old", value
        walked += 1
        db[key] = "new"
        db["x" + key] = "new"
        db.delete("%04d" % (1999 - walked / 2))
        db.merge if walked == 900
        break if walked == 1000
      end
      assert_equal 1000, walked
    end
  end

  def test_the_store_may_be_closed_inside_a_walk
    open do |db|
      db.update((0...1000).map { |i| ["%04d" % i, "v"] })
      seen = 0
      db.each_key { db.close if (seen += 1) == 10 }
      # An iterator outlives its store: it holds what it needs of the files.
      assert_equal 1000, seen
      assert_error(Stave::Closed, Stave::Code::CLOSED, "closed") { db.each { flunk } }
    end
  end

  def test_items_have_version_and_expiry
    open do |db|
      db.put("k", "v", expires_at: 4_000_000_000)
      item = db.each_item.first
      assert_equal ["k", "v", db.stats.last_seq, Time.at(4_000_000_000)], item.to_a
    end
  end

  def test_limits_must_be_natural
    open { |db| assert_raises(ArgumentError) { db.keys(limit: -1) } }
  end
end

class CursorTest < StoreCase
  def test_seek
    open do |db|
      db.update((0...2000).step(2).map { |i| ["%04d" % i, ""] })
      db.cursor(:keys) do |cursor|
        {"0500" => "0500", "0501" => "0502", "" => "0000"}.each do |target, found|
          assert_equal found, cursor.seek(target).next
        end
        assert_nil cursor.seek("9").next
        assert_equal ["1998"], cursor.seek("1997").to_a
      end
      db.cursor(:keys, reverse: true) do |cursor|
        cursor.seek("0501")
        assert_equal %w[0500 0498], [cursor.next, cursor.next]
      end
      assert_raises(KeyError) { db.cursor(:colours) }
    end
  end

  def test_a_closed_cursor_says_so
    open do |db|
      db.update((0...100).map { |i| [i.to_s, ""] })
      cursor = db.cursor
      cursor.next
      2.times { cursor.close }
      assert_error(Stave::Closed, Stave::Code::CLOSED, "iterator is closed") { cursor.next }
      assert_error(Stave::Closed, Stave::Code::CLOSED, "iterator") { cursor.seek("x") }
    end
  end

  def test_one_cursor_shared_by_4_threads_gives_each_entry_once
    open do |db|
      db.update((0...20000).map { |i| ["%05d" % i, "v#{i}"] })
      parts = Array.new(4) { [] }
      db.cursor do |cursor|
        in_threads(4) { |number| cursor.each { |entry| parts[number] << entry } }
      end
      assert_equal db.to_a, parts.flatten(1).sort
    end
  end

  def test_the_native_iterator_shared_by_4_threads_is_in_use_never_a_crash
    open do |db|
      db.update((0...20000).map { |i| ["%05d" % i, "v#{i}"] })
      db.cursor do |cursor|
        native, seen = cursor.instance_variable_get(:@native), [0] * 4
        in_threads(4) do |number|
          loop do
            batch = native.next(3) or break
            seen[number] += batch.size
          rescue Stave::InUse
            next
          end
        end
        assert_equal 20000, seen.sum
      end
    end
  end

  def test_a_cursor_closed_under_its_walkers
    open do |db|
      db.update((0...5000).map { |i| ["%05d" % i, "v#{i}"] })
      20.times do
        cursor = db.cursor
        in_threads(4) do |number|
          cursor.each.with_index { |_, count| cursor.close if number.zero? && count == 200 }
        rescue Stave::Closed
          nil
        end
      end
    end
  end
end

class SnapshotTest < StoreCase
  def test_it_keeps_its_moment
    open do |db|
      db.update((0...10).map { |i| [i.to_s, "old"] })
      db.snapshot do |snapshot|
        last = snapshot.last_seq
        db["1"] = "new"
        db["more"] = "new"
        db.delete("2")
        db.merge
        assert_equal "old", snapshot["1"]
        assert_equal "old", snapshot.get("2")
        assert_nil snapshot["more"]
        assert_equal 0, snapshot.fetch("more", 0)
        assert snapshot.key?("2")
        assert_equal 10, snapshot.size
        assert_equal ["old"], snapshot.values.uniq
        assert_equal ["2"], snapshot.prefix("2").keys
        assert_equal 1, snapshot.prefix("2").count
        assert_equal ["old", nil], snapshot.values_at("2", "more")
        assert_operator last, :<, db.stats.last_seq
      end
    end
  end

  def test_it_outlives_the_store
    snapshot = open do |db|
      db["k"] = "v"
      db.snapshot
    end
    assert_equal "v", snapshot["k"]
    assert_equal ["k"], snapshot.keys
    2.times { snapshot.close }
    [-> { snapshot["k"] }, -> { snapshot.fetch("k") }, -> { snapshot.key?("k") },
     -> { snapshot.to_a }, -> { snapshot.last_seq }].each do |call|
      assert_error(Stave::Closed, Stave::Code::CLOSED, "snapshot is closed", &call)
    end
  end
end
