module Stave
  # A held moment of the store, read like a Hash. It outlives the store. Close it soon: merged files
  # keep their disk space until then. Made by Store#snapshot; any number of threads may use it.
  class Snapshot < Native::StaveSnapshot
    include Walks
    include Lookup

    def initialize(store) # :nodoc:
      super()
      @store = store
      self.begin(store)
    end

    def initialize_copy(_other) # :nodoc:
      raise TypeError, "a snapshot cannot be copied: take another one"
    end

    private :begin, :seq

    ##
    # :method: get
    # :call-seq: get(key) -> string or nil
    #
    # The value that +key+ had, or nil.

    ##
    # :method: []
    # :call-seq: snapshot[key] -> string or nil
    #
    # The same as #get.
    %i[[]].each { |name| alias_method name, :get }

    # Number of the newest operation that it sees.
    def last_seq
      seq
    end

    ##
    # :method: close
    # :call-seq: close
    #
    # Lets go of the moment. Later calls raise Closed.

    private

    # Without the store, so that it can be walked past its end.
    def walk_source
      [nil, self]
    end
  end
end
