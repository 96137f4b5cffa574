// What a partition does where a table kind leaves one of its optional functions out (table_kind.h).
#pragma once

#include <wavetank/impl/buffer/table_kind.h>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace wavetank::buffer_detail {

/// The record as it is.
template <table_kind Table, class Record>
auto prepare_for(const typename Table::options& options, Record&& record) {
  if constexpr (requires { Table::prepare(options, std::forward<Record>(record)); }) {
    return Table::prepare(options, std::forward<Record>(record));
  } else {
    return std::remove_cvref_t<Record>(std::forward<Record>(record));
  }
}

/// One record.
template <class Lease, class Ready>
table_extent growth_in(Lease& into, const Ready& ready) {
  if constexpr (requires { into.table().growth(into, ready); }) {
    return into.table().growth(into, ready);
  } else {
    return {1, sizeof(typename std::remove_cvref_t<decltype(into.table())>::entry)};
  }
}

/// Nothing.
template <class Lease>
bool drop_oldest_in(Lease& from) {
  if constexpr (requires { from.table().drop_oldest(from); }) {
    return from.table().drop_oldest(from);
  } else {
    return false;
  }
}

/// `Answer`: an expected of what the kind's `insert` answers, which may be nothing.
template <class Answer, class Lease, class Ready>
[[gnu::always_inline]] inline Answer insert_into(Lease& into, Ready&& ready) {
  if constexpr (std::is_void_v<typename Answer::value_type>) {
    into.table().insert(into, std::forward<Ready>(ready));
    return {};
  } else {
    return into.table().insert(into, std::forward<Ready>(ready));
  }
}

}  // namespace wavetank::buffer_detail
