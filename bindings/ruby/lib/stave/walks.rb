module Stave
  # What can be walked in the order of its keys, byte by byte: a Store, a Snapshot, a View. It is
  # Enumerable, as a Hash is: of [key, value].
  #
  # All walks take the same words:
  #
  # prefix:: keys that begin with it
  # from:: keys from this one on
  # to:: keys before this one
  # reverse:: true: from the last to the first
  # limit:: at most so many entries
  #
  # They read lazily, see the store as of their beginning whatever is written meanwhile, and let go
  # of its files at their end, or when the block is left.
  module Walks
    include Enumerable

    # :call-seq:
    #   each(**where) { |key, value| ... } -> self
    #   each(**where) -> enumerator
    #
    # Every key with its value.
    def each(**where, &block)
      block ? walk(:pairs, where, &block) : to_enum(:each, **where)
    end
    alias_method :each_pair, :each

    # :call-seq:
    #   each_key(**where) { |key| ... } -> self
    #   each_key(**where) -> enumerator
    #
    # Every key. Values are not read.
    def each_key(**where, &block)
      block ? walk(:keys, where, &block) : to_enum(:each_key, **where)
    end

    # :call-seq:
    #   each_value(**where) { |value| ... } -> self
    #   each_value(**where) -> enumerator
    #
    # Every value, in the order of the keys.
    def each_value(**where, &block)
      block ? walk(:values, where, &block) : to_enum(:each_value, **where)
    end

    # :call-seq:
    #   each_item(**where) { |item| ... } -> self
    #   each_item(**where) -> enumerator
    #
    # Every entry as an Item, with its version and when it expires.
    def each_item(**where, &block)
      block ? walk(:items, where, &block) : to_enum(:each_item, **where)
    end

    # :call-seq:
    #   reverse_each(**where) { |key, value| ... } -> self
    #   reverse_each(**where) -> enumerator
    #
    # Every key with its value, from the last to the first.
    def reverse_each(**where, &block)
      block ? walk(:pairs, flip(where), &block) : to_enum(:reverse_each, **where)
    end

    # All keys, as an Array.
    def keys(**where)
      each_key(**where).to_a
    end

    # All values in the order of their keys, as an Array.
    def values(**where)
      each_value(**where).to_a
    end

    # :call-seq:
    #   cursor(shape = :pairs, **where) -> cursor
    #   cursor(shape = :pairs, **where) { |cursor| ... } -> what the block gives
    #
    # A walk that can be moved by Cursor#seek, shared by threads, and closed, which the end of a
    # block does. +shape+: :pairs, :keys, :values or :items.
    def cursor(shape = :pairs, **where)
      cursor = open_cursor(shape, where)
      return cursor unless block_given?
      begin
        yield cursor
      ensure
        cursor.close
      end
    end

    # :call-seq:
    #   view(**where) -> view
    #
    # These keys alone, looked up anew whenever the View is walked.
    def view(**where)
      View.new(self, where)
    end

    # The keys that begin with +prefix+, as a View.
    def prefix(prefix, **where)
      view(prefix: prefix, **where)
    end

    # The keys in a Range of Strings, as a View: <tt>db.range("a"..."c")</tt>. Either end may be
    # missing.
    def range(range, **where)
      from, to = Arguments.bounds_of(range)
      view(from: from, to: to, **where)
    end

    # :call-seq:
    #   count(prefix: nil, from: nil, to: nil) -> integer
    #   count(item) -> integer
    #   count { |key, value| ... } -> integer
    #
    # How many keys there are, which takes time in proportion; Store#stats has a fast figure. With
    # an item or block as Enumerable#count.
    def count(*item, **where, &block)
      return super(*item, &block) if block || !item.empty?
      count_keys(**where)
    end

    # How many keys there are, counted.
    def size
      count
    end
    alias_method :length, :size

    # Whether there is no key.
    def empty?
      each_key(limit: 1) { return false }
      true
    end

    private

    def flip(where)
      where.merge(reverse: !where[:reverse])
    end

    def walk(shape, where, &block)
      cursor = open_cursor(shape, where)
      begin
        cursor.each_batch { |batch| batch.each(&block) }
      ensure
        cursor.close
      end
      self
    end

    def open_cursor(shape, where)
      make_cursor(*walk_source, shape, **where)
    end

    def make_cursor(store, snapshot, shape, prefix: nil, from: nil, to: nil, reverse: false,
                    limit: nil)
      raise ArgumentError, "limit #{limit}: it must not be negative" if limit&.negative?
      Cursor.new(store, snapshot, shape, prefix || "", from || "", to || "", limit,
                 reverse ? Native::STAVE_ITER_REVERSE : 0)
    end

    def count_keys(**where)
      each_key(**where).inject(0) { |count, _| count + 1 }
    end
  end
end
