# Writes and checks entries by a rule that every language's program of this name knows.
#
#   usage: polyglot write DIR LANG    puts LANG's 200 entries, and deletes 20 of them
#          polyglot hold DIR LANG     the same again and again, until there is a file DIR.stop;
#                                     prints `open` after the first time
#          polyglot read DIR          checks all that is there; a line "LANG 180" for each LANG
#          polyglot watch DIR         opens read-only, and prints how many keys there are
require "digest"
require "stave"

def key_of(language, number)
  "#{language}\0".b + [number].pack("N") + (number % 7 == 0 ? "\xFF".b * 1500 : "".b)
end

def value_of(key, number)
  Digest::SHA256.digest(key) * (number % 5)
end

def write(db, language)
  200.times do |number|
    key = key_of(language, number)
    db[key] = value_of(key, number)
  end
  (9...200).step(10) do |number|
    db.delete(key_of(language, number)) or abort "error: #{number} is not there to be deleted"
  end
end

def hold(db, dir, language)
  write(db, language)
  $stdout.puts "open"
  $stdout.flush
  write(db, language) until File.exist?("#{dir}.stop")
end

# [language, number] of an entry that follows the rule; else nil.
def check(key, value)
  language, rest = key.split("\0".b, 2)
  number = rest&.unpack1("N")
  return if number.nil? || number >= 200 || number % 10 == 9
  [language, number] if key == key_of(language, number) && value == value_of(key, number)
end

def read(dir)
  seen = Hash.new { |languages, language| languages[language] = [] }
  last = nil
  Stave.open(dir, read_only: true) do |db|
    db.each do |key, value|
      abort "error: #{key.inspect} comes after #{last.inspect}" if last && last >= key
      language, number = check(key, value)
      abort "error: an entry that breaks the rule: #{key.inspect}" unless number
      abort "error: #{key.inspect} is walked, but not found" unless db[key] == value
      seen[language] << number
      last = key
    end
  end
  seen.sort.each do |language, numbers|
    abort "error: of #{language} there are #{numbers.size} keys, not 180" if numbers.size != 180
    puts "#{language} #{numbers.size}"
  end
end

def watch(dir)
  Stave.open(dir, read_only: true) { |db| puts db.count }
end

begin
  case ARGV
  in ["write", dir, language] then Stave.open(dir) { |db| write(db, language) }
  in ["hold", dir, language] then Stave.open(dir) { |db| hold(db, dir, language) }
  in ["read", dir] then read(dir)
  in ["watch", dir] then watch(dir)
  else abort "usage: polyglot write DIR LANG | hold DIR LANG | read DIR | watch DIR"
  end
rescue Stave::Error => error
  abort "error: #{error.message}"
end
