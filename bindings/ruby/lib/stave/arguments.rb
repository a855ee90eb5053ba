module Stave
  # Turns what Ruby programs like to give into what the library takes.
  module Arguments # :nodoc:
    module_function

    def flags(sync)
      return 0 if sync.nil?
      sync ? Native::STAVE_WRITE_SYNC : Native::STAVE_WRITE_NO_SYNC
    end

    # A positive time has at least a millisecond.
    def ttl_ms(ttl)
      raise TypeError, "ttl: a number of seconds, not #{ttl.class}" unless ttl.is_a?(Numeric)
      raise ArgumentError, "a ttl of #{ttl}: it must be positive" unless ttl.positive?
      [(ttl * 1000).round, 1].max
    end

    # false: never.
    def expires_at_ms(time)
      return 0 if time == false
      time = time.to_time if time.respond_to?(:to_time) # DateTime and its like
      unless time.is_a?(Numeric) || time.is_a?(Time)
        raise TypeError, "expires_at: a Time or a number of seconds, not #{time.class}"
      end
      seconds = time.to_r
      raise ArgumentError, "expires_at #{time}: before 1970" if seconds.negative?
      [(seconds * 1000).round, 1].max
    end

    def pack_options(options)
      options.map do |name, value|
        name, value = name.to_s, value.to_s
        raise ArgumentError, "option #{name.inspect}: a NUL in it" if (name + value).include?("\0")
        "#{name}\0#{value}\0"
      end.join
    end

    # A key as bytes, which Ruby compares as such; nil: "".
    def bytes(key)
      return "".b if key.nil?
      return key.to_str.b if key.respond_to?(:to_str)
      raise TypeError, "no implicit conversion of #{key.class} into String"
    end

    # A Range of keys as [from, to), where "" is no bound.
    def bounds_of(range)
      from, to = bytes(range.begin), bytes(range.end)
      if range.exclude_end? && !range.end.nil? && to.empty?
        raise ArgumentError, "a range that ends before \"\": no key is in it; leave the end out for none"
      end
      to = after(to) if !range.exclude_end? && !range.end.nil?
      [from, to]
    end

    # The least key above this one.
    def after(key)
      key.bytesize < Native::STAVE_KEY_SIZE_MAX ? key + "\0".b : prefix_end(key)
    end

    # The least key after all that begin with the prefix; "": there is none.
    def prefix_end(prefix)
      stripped = prefix.b.sub(/\xFF+\z/n, "")
      return stripped if stripped.empty?
      stripped.setbyte(-1, stripped.getbyte(-1) + 1)
      stripped
    end

    # The one range of keys in all three, as [from, to); nil: no key is in it.
    def one_range(prefix, from, to)
      low, high, prefix = bytes(from), bytes(to), bytes(prefix)
      unless prefix.empty?
        low = [low, prefix].max
        high = [high, prefix_end(prefix)].reject(&:empty?).min || ""
      end
      !high.empty? && low > high ? nil : [low, high]
    end
  end
  private_constant :Arguments
end
