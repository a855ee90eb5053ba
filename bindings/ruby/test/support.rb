# What the suites share: a folder of their own, and proof that no handle is left.
require "minitest/autorun"
require "fileutils"
require "open3"
require "pathname"
require "rbconfig"
require "tmpdir"
require "stave"

ROOT = File.expand_path("..", __dir__)

# A test in an empty folder. At its end all handles that it made must be gone.
class StoreCase < Minitest::Test
  # In a thread of its own: handles go with their objects, and the collector takes whatever is left
  # on a stack for a reference. This thread's has never held a store.
  def run
    before = settled_handles(0)
    result = Thread.new { super() }.value
    left = settled_handles(before) - before
    if left.positive?
      leak = Minitest::Assertion.new("#{left} handles are left")
      leak.set_backtrace(result.source_location.join(":"))
      result.failures << leak
    end
    result
  end

  def setup
    @folder = Dir.mktmpdir("stave-ruby-")
    @path = File.join(@folder, "store")
  end

  def teardown
    FileUtils.remove_entry(@folder)
  end

  def settled_handles(wanted)
    10.times do
      GC.start
      break if Stave.live_handles <= wanted
    end
    Stave.live_handles
  end

  def open(**options, &block)
    Stave.open(@path, **options, &block)
  end

  def assert_error(kind, code, words, &call)
    error = assert_raises(kind, &call)
    assert_equal code, error.code
    assert_kind_of Stave::Error, error
    assert_includes error.message, words
    error
  end

  # work(number) in so many threads, begun together; the first exception is raised here.
  def in_threads(count)
    begun = Queue.new
    threads = Array.new(count) do |number|
      Thread.new do
        Thread.current.report_on_exception = false
        begun.pop
        yield number
      end
    end
    count.times { begun << true }
    threads.each(&:join)
  end

  # A ruby of its own with the library; its standard output.
  def ruby(*arguments, chdir: @folder)
    paths = $LOAD_PATH.flat_map { |path| ["-I", path] }
    output, status = Open3.capture2(RbConfig.ruby, "-w", *paths, *arguments, chdir: chdir)
    assert status.success?, "#{arguments.last(2)}: #{status}"
    output
  end
end
