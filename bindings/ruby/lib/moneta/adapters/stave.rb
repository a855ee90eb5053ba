require "fileutils"
require "moneta"
require "stave"

# The common interface of key-value stores, of the gem moneta.
module Moneta
  # Its adapters, of which this is one.
  module Adapters
    # Keeps what a Moneta program stores in a directory:
    #
    #   require "moneta/adapters/stave"
    #   cache = Moneta.new(:Stave, dir: "cache", expires: 3600)
    #
    # +dir+ is made if it is not there; all other options are those of ::Stave.open, and +backend+
    # takes a ::Stave::Store that is open already. Expiry is the store's own, to the millisecond.
    class Stave < Adapter
      include ExpiresSupport

      supports :create, :increment, :each_key

      backend do |dir:, **options|
        FileUtils.mkpath(dir)
        ::Stave.open(dir, **options)
      end

      # Whether +key+ is there. expires: sets anew when it expires.
      def key?(key, options = {})
        expire(key, expires_value(options, nil))
        @backend.key?(key)
      end

      # The value of +key+, or nil. expires: sets anew when it expires.
      def load(key, options = {})
        expire(key, expires_value(options, nil))
        @backend[key]
      end

      # Stores +value+ under +key+. expires: after so many seconds; false: never.
      def store(key, value, options = {})
        case expires = expires_value(options)
        when nil then @backend[key] = value
        when false then @backend.put(key, value, expires_at: false)
        else @backend.put(key, value, ttl: expires)
        end
        value
      end

      # Deletes +key+, and gives back what was there, or nil.
      def delete(key, _options = {})
        @backend.get_and_delete(key)
      end

      # Adds to the number under +key+, in one step; the sum.
      def increment(key, amount = 1, options = {})
        sum = @backend.increment(key, amount)
        expire(key, expires_value(options))
        sum
      end

      # Stores +value+ if +key+ is not there, in one step; whether it was stored.
      def create(key, value, options = {})
        expires = expires_value(options)
        return @backend.put_if_absent(key, value) if expires.nil?
        @backend.batch do |batch|
          batch.require_absent(key)
          batch.put(key, value, expires_at: expires && Time.now + expires)
        end
        true
      rescue ::Stave::Conflict
        false
      end

      # Every key, in byte order.
      def each_key(&block)
        return enum_for(:each_key) unless block
        @backend.each_key(&block)
        self
      end

      # Deletes everything, in one step.
      def clear(_options = {})
        @backend.clear
        self
      end

      # Closes the store.
      def close
        @backend.close
        nil
      end

      # The values of many keys, in one look-up.
      def values_at(*keys, **options)
        expires = expires_value(options, nil)
        keys.each { |key| expire(key, expires) }
        @backend.values_at(*keys)
      end

      private

      def expire(key, expires)
        case expires
        when nil then return
        when false then @backend.persist(key)
        else @backend.touch(key, expires)
        end
      rescue ::Stave::NotFound
        nil # there is nothing that could expire
      end
    end
  end
end
