module Stave
  # What a Hash can do on top of +get+, for a Store and a Snapshot.
  module Lookup
    # :call-seq:
    #   fetch(key) -> string
    #   fetch(key, default) -> string or default
    #   fetch(key) { |key| ... } -> string or what the block gives
    #
    # The value of +key+. Where there is none, the default; without one NotFound, which is a
    # KeyError.
    def fetch(key, default = (none = true))
      value = get(key)
      return value unless value.nil?
      return yield(key) if block_given?
      return default unless none
      raise Native.not_found(self, key)
    end

    # The values of many keys, nil for those that are not there.
    def values_at(*keys)
      keys.map { |key| get(key) }
    end

    # :call-seq:
    #   fetch_values(*keys) -> array
    #   fetch_values(*keys) { |key| ... } -> array
    #
    # The values of many keys; for those that are not there what the block gives, else NotFound.
    def fetch_values(*keys)
      values_at(*keys).zip(keys).map do |value, key|
        next value unless value.nil?
        raise Native.not_found(self, key) unless block_given?
        yield key
      end
    end

    # Whether +key+ is there.
    def key?(key)
      !get(key).nil?
    end

    # The same as #key?.
    def has_key?(key)
      key?(key)
    end

    # The same as #key?: Enumerable would walk.
    def include?(key)
      key?(key)
    end

    # The same as #key?.
    def member?(key)
      key?(key)
    end
  end
end
