module Stave
  # A walk along the entries of one moment of the store, also while others write. Threads may share
  # it: each entry goes to one of them. Made by Walks#cursor.
  #
  # Close it when it is left early: until then, or until it is collected, it holds the store's
  # files.
  class Cursor
    include Enumerable

    # The native iterator begins with few, and grows.
    MOST = 128
    private_constant :MOST

    SHAPES = {pairs: :next, keys: :next_keys, values: :next_values, items: :next_entries}.freeze
    private_constant :SHAPES

    def initialize(store, snapshot, shape, prefix, from, to, limit, flags) # :nodoc:
      flags |= Native::STAVE_ITER_KEYS_ONLY if shape == :keys
      @source = store, snapshot # they live as long as their cursors
      @fetch = SHAPES.fetch(shape)
      @native = Native::StaveIter.new
      @native.begin(store, snapshot, from, to, prefix, limit || 0, flags)
      @done = limit == 0 # which is no limit to the library
      @batch = []
      @lock = Mutex.new
    end

    # The next entry: [key, value], or what the walk was asked for; nil at the end.
    def next
      @batch.shift || @lock.synchronize { @batch.shift || (@batch.shift if refill) }
    end

    # :call-seq:
    #   each { |entry| ... } -> self
    #   each -> enumerator
    #
    # All entries that are left.
    def each
      return to_enum unless block_given?
      while (entry = self.next)
        yield entry
      end
      self
    end

    # Goes to the first entry at or after +key+; in a reverse walk to the last at or before it. A
    # limit counts from there.
    def seek(key)
      @lock.synchronize do
        @native.seek(key)
        @batch = []
      end
      self
    end

    # Ends the walk. Later calls raise Closed.
    def close
      @native.close
      @batch = []
      nil
    end

    # Array#each runs the block without this class between; for a cursor of one thread.
    def each_batch # :nodoc:
      yield @batch while refill
    end

    def initialize_copy(_other) # :nodoc:
      raise TypeError, "a cursor cannot be copied: open another one"
    end

    private

    # An interrupt between the native call and the assignment would lose entries.
    def refill
      return false if @done
      batch = nil
      Thread.handle_interrupt(NO_INTERRUPTS) do
        batch = @native.public_send(@fetch, MOST)
        @batch = shaped(batch) if batch
      end
      !batch.nil?
    end

    def shaped(batch)
      return batch unless @fetch == :next_entries
      batch.map { |key, value, version, at| Item.new(key, value, version, Reports.time(at)) }
    end
  end
end
