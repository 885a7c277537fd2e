module Shop.Order

open System

/// An order.
type Order =
    { Name: string
      Prices: int list }

type Side =
    | Left
    | Right

/// The total.
let total (taxed: bool) (order: Order) =
    let sum = List.sum order.Prices
    if taxed then sum * 119 / 100
    else sum

module Store =
    let save order =
        printfn "%A" order

[<EntryPoint>]
let main argv =
    0
