require_relative "support"
require "timeout"

# Many threads: none waits for the GVL behind a call, and none can crash the others.
class ThreadTest < StoreCase
  # Another thread gets on during calls. Ruby switches threads by time as well, every 100 ms: what
  # is more comes from calls without the GVL. On a busy machine it takes more calls to tell.
  def assert_progress_during(most_calls)
    counted, ended = 0, false
    other = Thread.new { (counted += 1) && Thread.pass until ended }
    start, moved, calls = now, 0, 0
    until moved > [20 + (now - start) / 0.05, 150].min || calls == most_calls
      before = counted
      yield
      moved += 1 if counted > before
      calls += 1
    end
    assert_operator calls, :<, most_calls, "#{moved} turns in #{now - start} s"
  ensure
    ended = true
    other.join
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def test_another_thread_makes_progress_during_sync
    open(sync: "none") do |db|
      alone = Array.new(20) do |i|
        db["k"] = i.to_s
        start = now
        db.sync
        now - start
      end
      skip "sync takes no time here: this file system is memory" if alone.sort[10] < 0.0001
      assert_progress_during(5000) do
        db["k"] = "v" * 10_000
        db.sync
      end
    end
  end

  def test_another_thread_makes_progress_during_a_wait
    open do |db|
      db.feed do |feed|
        assert_progress_during(500) { feed.next(timeout: 0.02) }
      end
    end
  end

  def test_another_thread_can_put_what_a_feed_waits_for
    open do |db|
      db.feed do |feed|
        other = Thread.new do
          sleep 0.15
          db["k"] = "v"
        end
        change = feed.next(timeout: nil)
        other.join
        assert_equal [:put, "k", "v"], [change.kind, change.key, change.value]
      end
    end
  end

  def test_a_feed_closed_while_it_waits_ends_the_wait
    open do |db|
      feed = db.feed
      other = Thread.new { assert_raises(Stave::Closed) { feed.next(timeout: nil) } }
      Thread.pass until other.stop?
      feed.close
      other.join
    end
  end

  def test_increments_of_8_threads_are_all_counted
    open do |db|
      in_threads(8) { 500.times { db.increment("n") } }
      assert_equal "4000", db["n"]
    end
  end

  def traffic(db, number)
    (0..).each do |count|
      key = "#{number}-#{count % 50}"
      db[key] = key * 20
      assert_equal key * 20, db[key]
      db.batch { |batch| batch.put(key, key * 30).delete("other" + key) }
      db.each(prefix: number.to_s, limit: 20) { |_key, value| value }
      db.values_at(key, "none")
      db.snapshot { |snapshot| snapshot[key] }
      yield count
    end
  end

  def test_close_during_the_traffic_of_8_threads
    5.times do
      db = open(sync: "none")
      rounds = Queue.new
      in_threads(9) do |number|
        if number == 8
          80.times { rounds.pop }
          db.close
        else
          traffic(db, number) { rounds << true }
        end
      rescue Stave::Closed, Stave::Cancelled
        nil
      end
      assert_predicate db, :closed?
    end
  end

  def test_a_batch_of_many_threads_is_whole
    open do |db|
      db.batch do |batch|
        in_threads(4) do |number|
          200.times do |count|
            batch["#{number}-#{count}"] = "v"
          rescue Stave::InUse # another thread's write
            retry
          else
            (batch.write rescue Stave::InUse) if count % 50 == 0
          end
        end
        assert_equal 800, batch.count
      end
      assert_equal 800, db.size
    end
  end

  def test_fibers_walk
    open do |db|
      db.update((0...1000).map { |i| ["%04d" % i, "v" * 100] })
      walks = Array.new(20) { db.each_key }
      assert_equal ["0000"] * 20, walks.map(&:next)
      assert_equal ["0001"] * 20, walks.map(&:next)
      fibers = Array.new(20) do |number|
        Fiber.new { db.each { |key, _value| Fiber.yield(key) if key.to_i == number } }
      end
      assert_equal((0...20).map { |number| "%04d" % number }, fibers.map(&:resume))
    end
  end
end

# Thread#raise, Timeout and Thread#kill at any moment.
class InterruptTest < StoreCase
  class Poke < StandardError
  end

  # Runs work(number) in threads, again after each interrupt, and raises Poke in them for some time,
  # every so many seconds.
  def storm(count, seconds, every: 0.0005)
    ended = false
    # Threads begin with the mask of who makes them, so what is raised at their end is not seen.
    threads = Thread.handle_interrupt(Poke => :never) do
      Array.new(count) do |number|
        Thread.new do
          until ended
            begin
              Thread.handle_interrupt(Poke => :immediate) { yield number until ended }
            rescue Poke
              nil
            end
          end
        end
      end
    end
    pokes = 0
    stop = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    while Process.clock_gettime(Process::CLOCK_MONOTONIC) < stop
      threads.each { |thread| thread.raise(Poke) }
      pokes += threads.size
      sleep(every)
    end
    ended = true
    threads.each(&:join)
    assert_operator pokes, :>, 50
  end

  def resident_kib
    File.read("/proc/self/status")[/^VmRSS:\s+(\d+)/, 1].to_i
  end

  def test_a_storm_loses_no_handle_and_every_put_is_done_or_not
    counts, confirmed = [0] * 4, [0] * 4
    open(sync: "none") do |db|
      storm(4, 3) do |number|
        count = counts[number] += 1
        db["#{number}-#{count}"] = "v#{count}" * 50
        confirmed[number] = count
        db.each(prefix: "#{number}-", limit: 30) { |key, _value| key }
        db.snapshot { |snapshot| snapshot.first(3) }
        db.batch do |batch|
          %w[a b].each { |letter| batch["batch#{number}#{letter}"] = count.to_s }
        end
        db.cursor { |cursor| cursor.next }
        Stave.open("#{@folder}/other#{number}") { |other| other["k"] = "v" } if count % 5 == 0
      end
      4.times do |number|
        assert_operator confirmed[number], :>, 10
        assert_equal db["batch#{number}a"], db["batch#{number}b"]
        (1..counts[number]).each do |count|
          value = db["#{number}-#{count}"]
          assert_includes ["v#{count}" * 50, nil], value
        end
        assert_equal "v#{confirmed[number]}" * 50, db["#{number}-#{confirmed[number]}"]
      end
      assert_equal 0, db.verify.problems
    end
  end

  def test_a_storm_leaks_no_value
    size = 1 << 20
    open(sync: "none") do |db|
      db["large"] = "v" * size
      20.times { |i| db["list#{i}"] = "v" * (size / 20) }
      gets = [0] * 2
      GC.start
      before = resident_kib
      storm(2, 3, every: 0.003) do |number|
        assert_equal size, db["large"].bytesize
        db.values_at("large", "list1")
        assert_equal 20, db.values(prefix: "list").size
        gets[number] += 1
      ensure
        GC.start if rand(30).zero?
      end
      GC.start
      assert_operator resident_kib - before, :<, 150 * 1024
      assert_operator gets.sum, :>, 20
    end
  end

  # An entry that was handed out when the interrupt came is lost with it, as from a Queue; a batch
  # of the cursor's own never is.
  def test_a_cursor_loses_no_batch
    open do |db|
      keys = (0...200_000).map { |i| "%06d" % i }
      db.put_many(keys.map { |key| [key, ""] })
      db.cursor(:keys) do |cursor|
        seen = []
        storm(1, 2, every: 0.0002) do
          (key = cursor.next) ? seen << key : cursor.seek("")
        end
        steps = seen.each_cons(2).map { |one, next_one| next_one.to_i - one.to_i }
        assert_operator steps.max, :<, 10
        assert_operator seen.size, :>, 10_000
      end
    end
  end

  def test_timeout_ends_a_wait_for_a_feed
    open do |db|
      db.feed do |feed|
        start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        assert_raises(Timeout::Error) { Timeout.timeout(0.1) { feed.next(timeout: nil) } }
        assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - start, :<, 20
        db["k"] = "v"
        assert_equal "k", feed.next.key
      end
    end
  end

  def test_close_is_not_put_off_by_a_timeout
    20.times do
      db = open
      db["k"] = "v"
      begin
        Timeout.timeout(0.001) { db.close }
      rescue Timeout::Error
        nil
      end
      assert_raises(Stave::Closed) { db["k"] }
    end
  end

  def test_killed_threads_leave_nothing
    open do |db|
      db.update((0...2000).map { |i| [i.to_s, "v"] })
      walk = -> { loop { db.each { |key, _value| db.snapshot { |snapshot| snapshot[key] } } } }
      threads = Array.new(8) { Thread.new(&walk) }
      sleep 0.1
      threads.each(&:kill).each(&:join)
      db.feed { |feed| Thread.new { feed.next(timeout: nil) }.tap { |t| t.join(0.05) }.kill.join }
    end
  end
end

class ProcessTest < StoreCase
  FORKING = <<~'RUBY'
    require "stave"
    def work(path)
      db = Stave.open(path)
      db["k"] = "v"
      snapshot, cursor, feed, batch = db.snapshot, db.cursor, db.feed, db.batch
      batch.put("late", "v")
      child = fork do
        calls = [-> { db["k"] }, -> { db["k"] = "child" }, -> { db.sync }, -> { db.to_a },
                 -> { snapshot["k"] }, -> { cursor.next }, -> { feed.next }, -> { batch.write },
                 -> { db.close }]
        calls.each do |call|
          call.call
          exit!(3)
        rescue Stave::Forked => error
          exit!(4) unless error.code == Stave::Code::FORKED
        end
        Stave.open(path + "-child") { |other| other["k"] = "own" }
        exit(0) # with all finalizers
      end
      Process.wait(child)
      abort "the child failed: #{$?}" unless $?.success?
      found = [db["k"], cursor.next, snapshot["k"]]
      abort "the parent's store: #{found}" unless found == ["v", %w[k v], "v"]
      batch.write
      abort "the batch" unless db.count == 2
      [snapshot, cursor, feed, batch, db].each(&:close)
    end
    Thread.new { work(ARGV[0]) }.join
    5.times { GC.start }
    puts "done #{Stave.live_handles}"
  RUBY

  def test_fork_with_an_open_store
    assert_equal "done 0\n", ruby("-e", FORKING, @path)
  end

  def test_fork_while_other_threads_are_at_work
    script = <<~'RUBY'
      require "stave"
      Stave.open(ARGV[0]) do |db|
        ended = false
        threads = %w[0 1 2 3].map do |key|
          Thread.new { db[key] = db[key].to_s[0, 50] + "x" until ended }
        end
        10.times do
          Process.wait(fork { begin; db["0"]; rescue Stave::Forked; exit 0; end; exit! 5 })
          abort "child: #{$?}" unless $?.success?
        end
        ended = true
        threads.each(&:join)
      end
      puts "done"
    RUBY
    assert_equal "done\n", ruby("-e", script, @path)
  end

  def test_ctrl_c_ends_a_wait_for_a_feed
    script = 'require "stave"; Stave.open(ARGV[0]) { |db| db.feed { |feed| begin; puts "waits"; ' \
             '$stdout.flush; feed.next(timeout: nil); rescue Interrupt; puts "ended"; end } }'
    paths = $LOAD_PATH.flat_map { |path| ["-I", path] }
    IO.popen([RbConfig.ruby, *paths, "-e", script, @path]) do |io|
      assert_equal "waits\n", io.gets
      Process.kill(:INT, io.pid)
      assert_equal "ended\n", io.read
    end
    assert_predicate $?, :success?
  end

  def test_a_process_may_end_without_closing
    script = 'require "stave"; $db = Stave.open(ARGV[0]); $db["k"] = "v"; $all = [$db.cursor, ' \
             '$db.snapshot, $db.batch, $db.feed]; Thread.new { loop { $db.to_a } }; ' \
             'Thread.new { $all[3].next(timeout: nil); sleep }; sleep 0.05'
    ruby("-e", script, @path)
    open { |db| assert_equal "v", db["k"] }
  end
end
