module Stave
  # An open store: a Hash of Strings, kept in a directory. Any number of threads may use it at once,
  # and other threads run while the library works. See Stave.open.
  #
  # <tt>sync:</tt> of all writes: nil: as the store's option says; true: durable on return; false:
  # do not wait for the disk.
  class Store < Native::StaveDb
    include Walks
    include Lookup
    include Conditions
    include Care

    # The directory.
    attr_reader :path

    def initialize(path, **options) # :nodoc:
      super()
      @path = File.path(path)
      @closed = false
      self.begin(path, Arguments.pack_options(options))
    end

    ##
    # :method: get
    # :call-seq: get(key) -> string or nil
    #
    # The value of +key+, or nil.

    ##
    # :method: []
    # :call-seq: store[key] -> string or nil
    #
    # The value of +key+, or nil.

    ##
    # :method: store
    # :call-seq: store(key, value) -> value
    #
    # Stores +value+ under +key+.

    ##
    # :method: []=
    # :call-seq: store[key] = value
    #
    # Stores +value+ under +key+.

    ##
    # :method: key?
    # :call-seq: key?(key) -> true or false
    #
    # Whether +key+ is there. The value is not read.

    ##
    # :method: sync
    # :call-seq: sync
    #
    # Makes every write that returned before this call durable.

    ##
    # :method: refresh
    # :call-seq: refresh
    #
    # Moves a store that was opened with read_only to what its writer has written until now.

    ##
    # :method: checkpoint
    # :call-seq: checkpoint(path)
    #
    # Care#backup into a directory that must not exist.

    ##
    # :method: merge_pause
    # :call-seq: merge_pause
    #
    # Holds back background merges until #merge_resume.

    ##
    # :method: merge_resume
    # :call-seq: merge_resume
    #
    # Ends #merge_pause.

    ##
    # :method: rebuild_hints
    # :call-seq: rebuild_hints
    #
    # Writes the hint files of all sealed data files anew.

    # The native methods themselves: nothing of Ruby runs between.
    %i[get []].each { |name| alias_method name, :lookup }
    %i[key? has_key? include? member?].each { |name| alias_method name, :exists }
    %i[[]=].each { |name| alias_method name, :store }

    # What the methods of this class call; flags and times in the library's own units.
    private :begin, :lookup, :exists, :write, :remove, :put_until, :put_ttl, :multi_get, :get_entry,
            :get_stats, :get_progress, :next_log_event, :count_range

    # Stores +value+ under +key+, and gives it back. ttl: seconds until it expires; expires_at:
    # when, a Time or Unix time in seconds, or false: never, also where the store has a default.
    def put(key, value, ttl: nil, expires_at: nil, sync: nil)
      if ttl.nil? && expires_at.nil?
        sync.nil? ? store(key, value) : super(key, value, Arguments.flags(sync))
      elsif ttl.nil?
        put_until(key, value, Arguments.expires_at_ms(expires_at), Arguments.flags(sync))
      elsif expires_at.nil?
        put_ttl(key, value, Arguments.ttl_ms(ttl), Arguments.flags(sync))
      else
        raise ArgumentError, "ttl and expires_at: give one of them"
      end
      value
    end

    # Stores pairs (a Hash, or any Enumerable of [key, value]) in their order, faster than one by
    # one, but not all or none: see #batch. What is no Array or Hash is taken and stored in pieces.
    # Gives back how many.
    def put_many(pairs, sync: nil)
      flags = Arguments.flags(sync)
      whole = [Array, Hash].any? { |type| pairs.is_a?(type) } || !pairs.is_a?(Enumerable)
      return super(pairs, flags) if whole
      stored = super([], flags)
      pairs.each_slice(PIECE) { |piece| stored += super(piece, flags) }
      stored
    end

    PIECE = 256
    private_constant :PIECE

    # The same as #put_many; gives back the store.
    def update(pairs, sync: nil)
      put_many(pairs, sync: sync)
      self
    end

    # Deletes +key+; whether it was there. See Conditions#get_and_delete for its value.
    def delete(key, sync: nil)
      remove(key, Arguments.flags(sync))
    end

    # The values of many keys, nil for those that are not there; faster than one by one.
    def values_at(*keys)
      multi_get(keys)
    end

    # The value with its version and when it expires, as an Entry; nil if +key+ is not there.
    def entry(key)
      native = Native::StaveEntry.new
      value = get_entry(key, native)
      value && Entry.new(value, native.version, Reports.time(native.expires_at_ms))
    end

    # Seconds until +key+ expires; nil: never. NotFound if it is not there.
    def ttl(key)
      left = naming(key) { super(key) }
      left.negative? ? nil : left / 1000.0
    end

    # Lets +key+ expire +ttl+ seconds from now.
    def touch(key, ttl, sync: nil)
      naming(key) { super(key, Arguments.ttl_ms(ttl), Arguments.flags(sync)) }
    end

    # Lets +key+ never expire.
    def persist(key, sync: nil)
      naming(key) { super(key, Arguments.flags(sync)) }
    end

    # About how many bytes of disk the records of these keys take.
    def approximate_size(prefix: nil, from: nil, to: nil)
      both = Arguments.one_range(prefix, from, to)
      both ? super(*both) : 0
    end

    # :call-seq:
    #   delete_range(range) -> store
    #   delete_range(from, to) -> store
    #
    # Deletes all keys of a Range, or from +from+ on and before +to+ ("": no bound), in one step.
    def delete_range(from, to = nil, sync: nil)
      from, to = Arguments.bounds_of(from) if from.is_a?(Range) && to.nil?
      super(from, to, Arguments.flags(sync))
      self
    end

    # Deletes all keys that begin with +prefix+, in one step.
    def delete_prefix(prefix, sync: nil)
      super(prefix, Arguments.flags(sync))
      self
    end

    # Deletes everything, in one step.
    def clear(sync: nil)
      super(Arguments.flags(sync))
      self
    end

    # :call-seq:
    #   batch(sync: nil) { |batch| ... } -> what the block gives
    #   batch(sync: nil) -> batch
    #
    # A Batch of operations, which is written, all or nothing, at the end of the block; not if the
    # block raises.
    def batch(sync: nil)
      batch = Batch.new(self, sync)
      return batch unless block_given?
      begin
        result = yield batch
        batch.write
        result
      ensure
        batch.close
      end
    end

    # :call-seq:
    #   snapshot -> snapshot
    #   snapshot { |snapshot| ... } -> what the block gives
    #
    # The store as of now, whatever is written afterwards; closed at the end of the block.
    def snapshot
      snapshot = Snapshot.new(self)
      block_given? ? closing(snapshot) { yield snapshot } : snapshot
    end

    # :call-seq:
    #   feed(after: 0, timeout: 0) -> feed
    #   feed(after: 0, timeout: 0) { |feed| ... } -> what the block gives
    #
    # A Feed of the operations with numbers above +after+ (<tt>stats.last_seq</tt>: those to come).
    # timeout: how many seconds Feed#each waits for the next; nil: for ever.
    def feed(after: 0, timeout: 0)
      feed = Feed.new(self, after, timeout)
      block_given? ? closing(feed) { yield feed } : feed
    end

    # Waits for calls at work, makes everything durable and closes. Later calls raise Closed; a
    # second close does nothing. It is not put off by Thread#raise or Timeout.
    def close
      Thread.handle_interrupt(NO_INTERRUPTS) do
        super
        @closed = true
      rescue Error
        @closed = true # with a fault, but closed
        raise
      end
      nil
    end

    # Whether #close was called.
    def closed?
      @closed
    end

    def inspect # :nodoc:
      "#<#{self.class} #{@path.inspect}#{" closed" if @closed}>"
    end

    def initialize_copy(_other) # :nodoc:
      raise TypeError, "a store cannot be copied: see Stave::Store#backup"
    end

    private

    def walk_source
      [self, nil]
    end

    def count_keys(prefix: nil, from: nil, to: nil)
      both = Arguments.one_range(prefix, from, to)
      both ? count_range(*both) : 0
    end

    def closing(handle)
      yield handle
    ensure
      handle.close
    end
  end
end
