%% The shop.
-module(shop).
-export([total/1, start/0]).

-record(order, {name, prices = []}).

%% @doc The total.
-spec total(#order{}) -> integer().
total(#order{prices = []}) ->
    0;
total(#order{prices = Prices}) ->
    lists:sum(Prices).

start() ->
    spawn(fun() -> loop(0) end).
