module Stave
  # Some of the keys of a store or snapshot: what Walks#prefix, Walks#range and Walks#view give.
  # It holds nothing, and every walk along it begins anew.
  class View
    include Walks

    def initialize(walked, where) # :nodoc:
      @walked = walked
      @where = where
    end

    # These keys, from the last to the first.
    def reverse
      View.new(@walked, flip(@where))
    end

    # At most so many of them.
    def limit(limit)
      View.new(@walked, narrowed(limit: limit))
    end

    # Whether +key+ is one of them, and is there.
    def key?(key)
      return each_key.any? { |each| each == key.b } if @where[:limit]
      !each_key(from: key, to: Arguments.after(Arguments.bytes(key)), limit: 1).first.nil?
    end

    alias has_key? key?
    alias include? key?
    alias member? key?

    def inspect # :nodoc:
      "#<#{self.class} #{@where.inspect} of #{@walked.inspect}>"
    end

    private

    # Both sets of words hold.
    def narrowed(where)
      both = @where.merge(where) do |name, own, more|
        own.nil? || more.nil? ? [own, more].compact.first : intersect(name, own, more)
      end
      both[:prefix] == false ? both.merge(prefix: nil, limit: 0) : both
    end

    def intersect(name, own, more)
      return own ? !more : more if name == :reverse
      return [own, more].min if name == :limit
      own, more = Arguments.bytes(own), Arguments.bytes(more)
      case name
      when :from then [own, more].max
      when :to then [own, more].reject(&:empty?).min || ""
      when :prefix # false: no key begins with both
        own.start_with?(more) ? own : more.start_with?(own) && more
      end
    end

    def open_cursor(shape, where)
      @walked.__send__(:open_cursor, shape, narrowed(where))
    end

    def count_keys(**where)
      where = narrowed(where)
      limit = where.delete(:limit)
      where.delete(:reverse)
      [@walked.count(**where), limit].compact.min
    end
  end
end
