module Stave
  # Operations that are written all or not at all, also across a crash. Made by Store#batch. Threads
  # may share one, but two that use it at once raise InUse.
  class Batch < Native::StaveBatch
    def initialize(store, sync) # :nodoc:
      super()
      @store = store
      @flags = Arguments.flags(sync)
      self.begin
    end

    private :begin, :put_until, :remove

    ##
    # :method: []=
    # :call-seq: batch[key] = value
    #
    # Stores +value+ under +key+. This is the native method: nothing of Ruby runs between.
    %i[[]=].each { |name| alias_method name, :put }

    # Stores +value+ under +key+. expires_at: when it expires, a Time or Unix time in seconds;
    # false: never, also where the store has a default.
    def put(key, value, expires_at: nil)
      if expires_at.nil?
        super(key, value)
      else
        put_until(key, value, Arguments.expires_at_ms(expires_at))
      end
      self
    end

    # Deletes +key+, which need not be there.
    def delete(key)
      remove(key)
      self
    end

    ##
    # :method: require_absent
    # :call-seq: require_absent(key)
    #
    # Write (all of the batch) only if +key+ is not there, else raise Conflict.

    ##
    # :method: require_present
    # :call-seq: require_present(key)
    #
    # Write only if +key+ is there.

    ##
    # :method: require_version
    # :call-seq: require_version(key, version)
    #
    # Write only if the entry has this version; 0: if +key+ is not there.

    ##
    # :method: require_value
    # :call-seq: require_value(key, value)
    #
    # Write only if +key+ has this value.

    ##
    # :method: clear
    # :call-seq: clear
    #
    # Takes all operations and conditions out.

    ##
    # :method: count
    # :call-seq: count -> integer
    #
    # Operations, conditions not among them.

    ##
    # :method: size
    # :call-seq: size -> integer
    #
    # The same as #count.
    %i[size].each { |name| alias_method name, :count }

    ##
    # :method: close
    # :call-seq: close
    #
    # Throws the batch away. Later calls raise Closed.

    # Applies all operations; the batch stays as it is. Conflict if a condition does not hold.
    def write
      @store.__send__(:write, self, @flags)
    end

    def initialize_copy(_other) # :nodoc:
      raise TypeError, "a batch cannot be copied: make another one"
    end
  end
end
