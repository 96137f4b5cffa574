// What can be seen of reservations: the vocabulary of their claims and landmarks. Shares no code with the transitions.
#pragma once

#include <algorithm>
#include <optional>

#include <wavetank/model/command_is.h>
#include <wavetank/model/reservation_scope.h>

namespace wavetank::model::reservation_seen {

using table = reservation;
using status = table::status;
using reason = table::reason;
using result = table::result;
using state = reservation_scope_state;
using command = table::command;
using response = table::response;

inline bool kills(const command& what, task_number task) {
  const auto* death = as<table::owner_dies>(what);
  return death != nullptr && death->task == task;
}

/// The token that ends or advances its reservation by `what`; 0 for other commands.
inline token_number token_of(const command& what) {
  if (const auto* one = as<table::mark_published>(what)) return one->token;
  if (const auto* one = as<table::announce_saved>(what)) return one->token;
  if (const auto* one = as<table::cancel_reservation>(what)) return one->token;
  if (const auto* one = as<table::abandon_reservation>(what)) return one->token;
  return 0;
}

inline const table::row* row_of(const state& s, key_number key) { return s.table.rows.find(key); }
inline const table::file* file_of(const state& s, key_number key) { return s.table.files.find(key); }

inline bool has_valid_file(const state& s, key_number key) {
  const auto* file = file_of(s, key);
  return file != nullptr && file->valid;
}

inline bool is_in(const state& s, key_number key, status where) {
  const auto* row = row_of(s, key);
  return row != nullptr && row->is == where;
}

inline bool is_installed(const state& s, key_number key, generation_number generation) {
  return is_in(s, key, status::available) && row_of(s, key)->generation == generation;
}

inline bool is_writing(const table::row& row) { return row.is == status::pre_link || row.is == status::post_link; }

inline std::optional<key_number> key_of_token(const state& s, token_number token) {
  for (const auto& [key, row] : s.table.rows) {
    if (is_writing(row) && row.token == token) return key;
  }
  return std::nullopt;
}

/// The token is the current one of its key, and its time has not passed.
inline bool is_live(const state& s, token_number token) {
  const auto key = key_of_token(s, token);
  return key && !row_of(s, *key)->expired;
}

inline bool is_live(const state& s, token_number token, key_number key) {
  return is_live(s, token) && key_of_token(s, token) == key;
}

inline std::uint64_t pins(const state& s, const table::generation_of& name) {
  const auto* bytes = s.table.generations.find(name);
  return bytes == nullptr ? 0 : bytes->pins;
}

/// Bytes in the file of their key, not known to be corrupt.
inline bool is_in_sound_file(const state& s, const table::generation_of& name) {
  const auto* bytes = s.table.generations.find(name);
  return bytes != nullptr && bytes->where != tier::ram && !bytes->corrupt;
}

/// Somebody has a claim on the row of `key`, or on its file.
inline bool is_claimed(const state& s, key_number key) {
  return std::any_of(s.table.claims.begin(), s.table.claims.end(), [&](const auto& claim) {
    const auto& bytes = claim.second.bytes;
    return bytes.key == key && (is_installed(s, key, bytes.generation) || is_in_sound_file(s, bytes));
  });
}

inline bool waits(const state& s, call_number call) {
  return std::any_of(s.table.queue.begin(), s.table.queue.end(), [&](const auto& one) { return one.call == call; });
}

}  // namespace wavetank::model::reservation_seen
