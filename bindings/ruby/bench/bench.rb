# Nanoseconds per call, next to those of C in the same run.
#
#     ruby bench/bench.rb --c PATH-OF-stave_call_bench [--entries N] [--rounds N]
#
# The figures are the best of the rounds, with the loop. "beyond C" is what the binding costs.
require "open3"
require "optparse"
require "tmpdir"
require "stave"

VALUE = ("v" * 100).freeze

def timed(calls)
  GC.start # what came before is not this one's to pay
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  yield
  (Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start).fdiv(calls)
end

def run_ruby(path, entries)
  keys = Array.new(entries) { |i| ("key%013d" % (i * 7919 % entries)).freeze }
  native = Stave.const_get(:Native)
  misses = keys.map { |key| key[0...-1].freeze }
  Stave.open(path) do |db|
    db.put_many(keys.map { |key| [key, VALUE] }) # so that puts meet a filled store, as in C
    work = {
      "empty" => -> { keys.each { |_key| native.option_count } },
      "put" => -> { keys.each { |key| db[key] = VALUE } },
      "get" => -> { keys.each { |key| db[key] } },
      "miss" => -> { misses.each { |key| db[key] } },
      "iterate" => -> { db.each { |key, value| key && value } },
      "get: db.fetch(key)" => -> { keys.each { |key| db.fetch(key) } },
      "put: db.put(key, value)" => -> { keys.each { |key| db.put(key, VALUE) } },
      "iterate: db.each_key" => -> { db.each_key { |key| key } },
      "put: batch[key] = value" => lambda do
        db.batch { |batch| keys.each { |key| batch[key] = VALUE } }
      end
    }
    work.transform_values { |call| timed(entries, &call) }
  end
end

def run_c(program, path, entries)
  output, status = Open3.capture2(program, path, entries.to_s)
  abort "error: #{program} failed: #{status}" unless status.success?
  output.lines.to_h { |line| line.split.then { |name, ns| [name, ns.to_f] } }
end

def best(rounds)
  found = Array.new(rounds) { Dir.mktmpdir("stave-bench-") { |folder| yield "#{folder}/store" } }
  found[0].keys.to_h { |name| [name, found.map { |round| round[name] }.min] }
end

options = {entries: 200_000, rounds: 3}
parser = OptionParser.new do |it|
  it.banner = "usage: bench.rb --c PROGRAM [options]"
  it.on("--c PROGRAM", "stave_call_bench") { |value| options[:c] = value }
  it.on("--entries N", Integer) { |value| options[:entries] = value }
  it.on("--rounds N", Integer) { |value| options[:rounds] = value }
end
parser.parse!
abort parser.to_s unless options[:c]

entries, rounds = options.values_at(:entries, :rounds)
c = best(rounds) { |path| run_c(options[:c], path, entries) }
ruby = best(rounds) { |path| run_ruby(path, entries) }
puts "ns per call, #{entries} entries of 16 + 100 bytes"
puts "%-26s%8s%8s%10s" % ["", "C", "Ruby", "beyond C"]
ruby.each do |name, ns|
  in_c = c.fetch(name[/\A\w+/])
  puts "%-26s%8.0f%8.0f%10.0f" % [name, in_c, ns, ns - in_c]
end
