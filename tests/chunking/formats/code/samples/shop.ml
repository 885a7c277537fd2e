open Printf

(** An order. *)
type order = {
  name : string;
  prices : int list;
}

(** The total. *)
let total ?(taxed = false) order =
  let sum = List.fold_left ( + ) 0 order.prices in
  if taxed then sum * 119 / 100 else sum

let limit = 20

module Store = struct
  let save order =
    printf "%s" order.name
end

module type STORE = sig
  val save : order -> unit
end

exception Gone of string

let () = print_endline "shop"
