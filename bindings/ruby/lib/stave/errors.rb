module Stave
  # The status codes of stave.h without their prefix: <tt>Stave::Code::BUSY</tt> is 200.
  module Code
    Native.constants.each do |name|
      value = Native.const_get(name)
      next unless value.is_a?(Integer) && value < 1000 && Native.status_name(value) == name.to_s
      const_set(name.to_s.delete_prefix("STAVE_"), value)
    end

    # The name of a code: <tt>Stave::Code.name_of(200)</tt> is "BUSY".
    def self.name_of(code)
      Native.status_name(code).delete_prefix("STAVE_")
    end
  end

  # Every exception of this library is one: <tt>rescue Stave::Error</tt> catches them all. Each is
  # of the Ruby class that fits as well: NotFound is a KeyError, InvalidArgument an ArgumentError.
  module Error
    # The status, one of Stave::Code.
    attr_accessor :code
  end

  # There is no such key. +key+ is it.
  class NotFound < KeyError
    include Error
  end

  # A condition does not hold; nothing was written.
  class Conflict < StandardError
    include Error
  end

  # An argument is out of range, too large, or no option.
  class InvalidArgument < ArgumentError
    include Error
  end

  # The value to be incremented is no number.
  class NotANumber < InvalidArgument
  end

  # The sum does not fit into 64 bits.
  class Overflow < RangeError
    include Error
  end

  # The state of the store or handle does not allow the call.
  class StateError < StandardError
    include Error
  end

  # Another handle, in this or another process, has the store open for writing.
  class Busy < StateError
  end

  # The store was opened before a fork, and belongs to the parent.
  class Forked < StateError
  end

  # The store, iterator, batch, snapshot or feed was closed.
  class Closed < IOError
    include Error
  end

  # A write on a store that was opened with read_only.
  class ReadOnly < StateError
  end

  # Another thread is using this batch, iterator or feed.
  class InUse < StateError
  end

  # An earlier sync failed: reopen the store to write.
  class Poisoned < StateError
  end

  # The store was closed while the call was at work.
  class Cancelled < StateError
  end

  # A feed's operations are no longer all in the files.
  class FeedGone < StateError
  end

  # The machine around the store: disk, files, memory.
  class StorageError < IOError
    include Error
  end

  # The file system or quota is full; nothing was written.
  class NoSpace < StorageError
  end

  # The directory is missing or holds no store.
  class NoStore < StorageError
  end

  # There is something where nothing should be.
  class Exists < StorageError
  end

  # The operating system refused access.
  class AccessDenied < StorageError
  end

  # An allocation or mapping failed.
  class OutOfMemory < StorageError
  end

  # Bytes on disk fail their check; the text names file and offset.
  class Corrupt < StandardError
    include Error

    # Of Store#verify: what was found.
    attr_accessor :report
  end

  # Written by a newer format version.
  class Unsupported < StandardError
    include Error
  end

  # A bug in stave: please report it with the text.
  class InternalError < StandardError
    include Error
  end

  module Native # :nodoc:
    ERRORS = {
      Code::NOT_FOUND => NotFound, Code::CONFLICT => Conflict,
      Code::NOT_A_NUMBER => NotANumber, Code::OVERFLOW => Overflow,
      Code::BUSY => Busy, Code::FORKED => Forked, Code::CLOSED => Closed,
      Code::READ_ONLY => ReadOnly, Code::IN_USE => InUse, Code::POISONED => Poisoned,
      Code::CANCELLED => Cancelled, Code::FEED_GONE => FeedGone, Code::NO_SPACE => NoSpace,
      Code::NO_STORE => NoStore, Code::EXISTS => Exists, Code::PERMISSION => AccessDenied,
      Code::NO_MEMORY => OutOfMemory, Code::CORRUPT => Corrupt, Code::UNSUPPORTED => Unsupported
    }.freeze
    CATEGORIES = {1 => InvalidArgument, 2 => StateError, 3 => StorageError}.freeze
    private_constant :ERRORS, :CATEGORIES

    # The native module calls it when a call fails.
    def self.make_error(code, message)
      kind = ERRORS[code] || CATEGORIES[code / 100] || InternalError
      # File names in a text are bytes of any kind.
      message = message&.scrub { |bytes| bytes.unpack("C*").map { |byte| "\\x%02X" % byte }.join }
      error = kind.new(message || Native.status_text(code))
      error.code = code
      error
    end

    def self.not_found(store, key)
      error = NotFound.new("key not found: #{key.inspect}", receiver: store, key: key)
      error.code = Code::NOT_FOUND
      error
    end
  end
end
