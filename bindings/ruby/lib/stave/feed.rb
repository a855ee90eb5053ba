module Stave
  # The operations of a store in their order, each a Change. Made by Store#feed. An open feed keeps
  # the files that it has yet to read.
  class Feed
    include Enumerable

    # The library's wait cannot be interrupted: Ruby looks for interrupts so often.
    SLICE_MS = 100
    private_constant :SLICE_MS

    KINDS = {
      Native::STAVE_CHANGE_PUT => :put, Native::STAVE_CHANGE_DELETE => :delete,
      Native::STAVE_CHANGE_DELETE_RANGE => :delete_range
    }.freeze
    private_constant :KINDS

    def initialize(store, after, timeout) # :nodoc:
      @store = store
      @timeout = timeout
      @fetched = nil
      @native = Native::StaveFeed.new
      @native.begin(store, after)
    end

    # The next operation; nil if none came within +timeout+ seconds. timeout nil: wait for it.
    def next(timeout: 0)
      left = timeout && (timeout * 1000).ceil
      loop do
        wait = left ? left.clamp(0, SLICE_MS) : SLICE_MS
        # An interrupt between the native call and the return would lose an operation: it comes
        # before or after, and what has been fetched stays for the next call.
        Thread.handle_interrupt(NO_INTERRUPTS) { @fetched ||= @native.next(wait) }
        if @fetched
          change, @fetched = @fetched, nil
          return change_of(*change)
        end
        return if left && (left -= wait) <= 0
      end
    end

    # :call-seq:
    #   each { |change| ... } -> self
    #   each -> enumerator
    #
    # The operations, until none came within the feed's timeout; call it again to go on.
    def each
      return to_enum unless block_given?
      while (change = self.next(timeout: @timeout))
        yield change
      end
      self
    end

    # Lets go of the store's files. Later calls raise Closed.
    def close
      @native.close
    end

    def initialize_copy(_other) # :nodoc:
      raise TypeError, "a feed cannot be copied: open another one"
    end

    private

    def change_of(kind, seq, key, value, expires_at_ms, more)
      Change.new(KINDS.fetch(kind), seq, key, value, Reports.time(expires_at_ms), more)
    end
  end
end
