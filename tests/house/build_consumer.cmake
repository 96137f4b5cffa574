# Builds and tests a project against the installed package, as a stranger would.
#   SOURCE, BUILD, PREFIX, GENERATOR, CXX
#   WITHOUT       packages that this machine is to look without, separated by commas
#   NEVER_READS   a pattern that no file which the compiler read may match
#   READS         a pattern that some file must match, so that a list that is not seen is no pass
#   IN, INSTEAD_OF, PLANT, CAUGHT_AS
#                 in file IN of a copy a bug is planted: the tests must fail and say CAUGHT_AS
foreach(required SOURCE BUILD PREFIX CXX)
  if(NOT ${required})
    message(FATAL_ERROR "build_consumer.cmake needs -D${required}=")
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(result)
    message(FATAL_ERROR "failed: ${ARGN}")
  endif()
endfunction()

set(hidden "")
string(REPLACE "," ";" packages "${WITHOUT}")
foreach(package IN LISTS packages)
  list(APPEND hidden -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()

file(REMOVE_RECURSE ${BUILD})
if(PLANT)
  file(COPY ${SOURCE}/ DESTINATION ${BUILD}/planted)
  set(SOURCE ${BUILD}/planted)
  file(READ ${SOURCE}/${IN} healthy)
  string(REPLACE "${INSTEAD_OF}" "${PLANT}" sick "${healthy}")
  if(sick STREQUAL healthy)
    message(FATAL_ERROR "${IN} does not hold '${INSTEAD_OF}'")
  endif()
  file(WRITE ${SOURCE}/${IN} "${sick}")
endif()
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_PREFIX_PATH=${PREFIX} ${hidden})
run(${CMAKE_COMMAND} --build ${BUILD})
if(PLANT)
  execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${BUILD} --output-on-failure --no-tests=error
    RESULT_VARIABLE result OUTPUT_VARIABLE said)
  message("${said}")
  if(NOT result OR NOT said MATCHES "${CAUGHT_AS}")
    message(FATAL_ERROR "the planted bug was not caught as '${CAUGHT_AS}'")
  endif()
else()
  run(${CMAKE_CTEST_COMMAND} --test-dir ${BUILD} --output-on-failure --no-tests=error)
endif()

if(NEVER_READS)
  execute_process(COMMAND ninja -C ${BUILD} -t deps OUTPUT_VARIABLE files RESULT_VARIABLE result)
  if(result OR NOT files MATCHES "${READS}")
    message(FATAL_ERROR "ninja does not say what the compiler read:\n${files}")
  endif()
  string(REGEX MATCHALL "[^\n]*(${NEVER_READS})[^\n]*" found "${files}")
  if(found)
    message(FATAL_ERROR "the compiler read what this consumer does not have:\n${found}")
  endif()
endif()
