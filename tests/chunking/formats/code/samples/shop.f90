! The shop.
module shop
  use iso_fortran_env
  implicit none

  type :: order
    character(len=20) :: name
    integer :: total = 0
  end type order

contains

  ! Adds a price.
  subroutine add(this, price)
    type(order), intent(inout) :: this
    integer, intent(in) :: price
    this%total = this%total + price
  end subroutine add

  integer function total(this)
    type(order), intent(in) :: this
    total = this%total
  end function total

end module shop

program main
  use shop
  print *, "shop"
end program main
