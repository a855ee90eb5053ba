module Stave
  # The writes of a Store that read, decide and write in one step, whatever other threads do. All
  # take <tt>sync:</tt> as Store#put does.
  module Conditions
    # Stores +value+ if +key+ is not there; whether it was stored. With an expiry: a Store#batch with
    # require_absent(key) and put(key, value, expires_at:), which raises Conflict.
    def put_if_absent(key, value, sync: nil)
      super(key, value, Arguments.flags(sync))
    end

    # Replaces the value if it is +expected+; whether it was. NotFound if +key+ is not there.
    def compare_and_set(key, expected, value, sync: nil)
      naming(key) { super(key, expected, value, Arguments.flags(sync)) }
    end

    # Stores +value+ if the entry has this version (0: if +key+ is not there), else raises Conflict;
    # the new version.
    def put_if_version(key, version, value, sync: nil)
      naming(key) { super(key, version, value, Arguments.flags(sync)) }
    end

    # Deletes +key+ if it has this value; whether it had. NotFound if it is not there.
    def delete_if_value(key, value, sync: nil)
      naming(key) { super(key, value, Arguments.flags(sync)) }
    end

    # Deletes +key+ if the entry has this version; whether it had. NotFound if it is not there.
    def delete_if_version(key, version, sync: nil)
      naming(key) { super(key, version, Arguments.flags(sync)) }
    end

    # Stores +value+ and gives back what was there, or nil.
    def get_and_set(key, value, sync: nil)
      super(key, value, Arguments.flags(sync))
    end

    # Deletes +key+ and gives back what was there, or nil.
    def get_and_delete(key, sync: nil)
      super(key, Arguments.flags(sync))
    end

    # Adds to the number that the value is (decimal text; binary: 8 bytes, the lowest first), and
    # gives back the sum. A key that is not there counts as 0.
    def increment(key, delta = 1, binary: false, sync: nil)
      super(key, delta, Arguments.flags(sync) | (binary ? Native::STAVE_INCREMENT_BINARY : 0))
    end

    # Adds bytes to the end of the value; its new length.
    def append(key, suffix, sync: nil)
      super(key, suffix, Arguments.flags(sync))
    end

    private

    # The library's text does not name the key.
    def naming(key)
      yield
    rescue NotFound
      raise Native.not_found(self, key)
    end
  end
end
