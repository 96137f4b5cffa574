// A key-value store: for each key a string, initially empty; get, put, append.
//
// `one_key` is the object behind one key (the checker searches key by key); `key_value_map` is the store as one object.
// The keys of the map are independent all the same, so it offers a partition too: the verdict is that of the whole
// (locality, Herlihy & Wing 1990), and tests hold it against a search without partitions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/lin/models/answer.h>
#include <wavetank/model/lin/models/rope.h>

namespace wavetank::lin::models {

struct key_value_command {
  enum class kind : std::uint8_t { get, put, append } op;
  std::string key;
  rope text;  ///< what put and append write
  friend bool operator==(const key_value_command&, const key_value_command&) = default;
  friend std::size_t hash_value(const key_value_command& c) {
    return hash_with(hash_with(static_cast<std::size_t>(c.op), static_cast<std::int64_t>(hash_value(c.text))),
                     static_cast<std::int64_t>(std::hash<std::string>{}(c.key)));
  }
};

/// What both models share: words, and what a command makes of one key's text.
class key_value_words {
 public:
  using command = key_value_command;
  using response = rope;  ///< what get read; empty for put and append

  [[nodiscard]] bool observes(const command& c, const std::optional<rope>&) const {
    return c.op == command::kind::get || (c.op == command::kind::append && c.text.size() == 0);
  }
  [[nodiscard]] const std::string& partition(const command& c) const { return c.key; }

  /// The hashes of all beginnings of every text that a get has read.
  using outlook = std::vector<std::vector<std::uint64_t>>;

  template <class Calls>
  [[nodiscard]] outlook look_ahead(const Calls& calls) const {
    outlook ahead;
    for (const auto& one : calls)
      if (one.returned && demands(one.request, one.answer)) ahead.push_back(one.answer->beginnings());
    return ahead;
  }
  [[nodiscard]] bool demands(const command& c, const std::optional<rope>& read) const {
    return c.op == command::kind::get && read.has_value();
  }
  [[nodiscard]] bool renews(const command& c) const { return c.op == command::kind::put; }

  [[nodiscard]] std::string describe(const command& c) const {
    switch (c.op) {
      case command::kind::get:
        return "get";
      case command::kind::put:
        return "put " + quoted(c.text);
      case command::kind::append:
        return "append " + quoted(c.text);
    }
    return "?";
  }
  [[nodiscard]] std::string describe(const rope& read) const { return quoted(read); }

 protected:
  static rope after(const rope& before, const command& c) {
    switch (c.op) {
      case command::kind::get:
        return before;
      case command::kind::put:
        return c.text;
      case command::kind::append:
        return before.append(c.text);
    }
    return before;
  }

  /// A text that begins nothing that is ever read stays so until it is replaced.
  static bool is_barren(const rope& text, const outlook& ahead) {
    const std::size_t size = text.size();
    return std::none_of(ahead.begin(), ahead.end(), [&](const std::vector<std::uint64_t>& beginnings) {
      return size < beginnings.size() && beginnings[size] == hash_value(text);
    });
  }

  /// In quotes; of a long text its end, where appends show.
  static std::string quoted(const rope& text) {
    const std::string whole = text.str();
    constexpr std::size_t most = 60;
    if (whole.size() <= most) return '"' + whole + '"';
    return "\"..." + whole.substr(whole.size() - most) + "\" (" + std::to_string(whole.size()) + " bytes)";
  }
};

class one_key : public key_value_words {
 public:
  struct state {
    rope text;
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) { return hash_value(s.text); }
  };

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    emit(c.op == command::kind::get ? s.text : rope(), state{after(s.text, c)});
  }

  [[nodiscard]] bool barren(const state& s, const outlook& ahead) const { return is_barren(s.text, ahead); }
  [[nodiscard]] std::size_t footprint_bytes(const state& s) const { return s.text.own_bytes(); }
  using key_value_words::describe;
  [[nodiscard]] std::string describe(const state& s) const { return quoted(s.text); }
};

class key_value_map : public key_value_words {
 public:
  struct state {
    std::vector<std::pair<std::string, rope>> texts;  ///< by key, none empty
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) {
      std::size_t hash = 0;
      for (const auto& [key, text] : s.texts)
        hash = hash_with(hash_with(hash, static_cast<std::int64_t>(std::hash<std::string>{}(key))),
                         static_cast<std::int64_t>(hash_value(text)));
      return hash;
    }
  };

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    const auto at = std::lower_bound(s.texts.begin(), s.texts.end(), c.key,
                                     [](const auto& one, const std::string& key) { return one.first < key; });
    const bool there = at != s.texts.end() && at->first == c.key;
    const rope before = there ? at->second : rope();
    if (c.op == command::kind::get) return emit(before, s);
    state next = s;
    const auto place = next.texts.begin() + (at - s.texts.begin());
    const rope text = after(before, c);
    if (text.size() == 0) {
      if (there) next.texts.erase(place);
    } else if (there) {
      place->second = text;
    } else {
      next.texts.emplace(place, c.key, text);
    }
    emit(rope(), next);
  }

  /// Each key is searched alone, so a state holds one text at most.
  [[nodiscard]] bool barren(const state& s, const outlook& ahead) const {
    return is_barren(s.texts.empty() ? rope() : s.texts.front().second, ahead);
  }
  [[nodiscard]] std::size_t footprint_bytes(const state& s) const {
    return s.texts.capacity() * sizeof(s.texts[0]) + (s.texts.empty() ? 0 : s.texts.front().second.own_bytes());
  }
  using key_value_words::describe;
  [[nodiscard]] std::string describe(const state& s) const {
    std::string words = "{";
    for (const auto& [key, text] : s.texts) words += (words.size() > 1 ? ", " : "") + key + ": " + quoted(text);
    return words + "}";
  }
};

}  // namespace wavetank::lin::models
